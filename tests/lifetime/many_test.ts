/** One poller for all the ends of a thread. */

import { assert, test } from "../_support.ts";
import { endsWell, start } from "../children/_start.ts";

test("readable a thousand pending reads take no more threads than one, and all of them wake", async () => {
  const { stdout } = await endsWell(start("many.ts", ["1000"]));
  const { one, many, woken } = JSON.parse(stdout) as Record<string, number>;
  assert.equal(woken, 1000);
  // A runtime's collector starts a thread or two of its own at some point.
  assert.ok(many! <= one! + 3, `${one} threads for one pending read, ${many} for a thousand`);
});
