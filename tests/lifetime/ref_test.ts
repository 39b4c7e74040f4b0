/** What `ref()` and `unref()` change about it. */

import { assert, test } from "../_support.ts";
import { endsWell, start, staysAlive } from "../children/_start.ts";

for (const situation of ["unref, then read", "read, then unref", "write, then unref", "read, unref later"]) {
  test(`unref() lets the process end with something pending: ${situation}`, async () => {
    const outcome = await endsWell(start("lifetime.ts", [situation]));
    assert.equal(outcome.stdout, "waiting\n");
  });
}

for (const situation of ["read, unref, ref", "read, unref, ref soon", "read, unref, ref late"]) {
  test(`ref() lets a pending read keep the process alive again: ${situation}`, async () => {
    const child = start("lifetime.ts", [situation]);
    await staysAlive(child, 1000);
    child.kill();
    assert.equal((await child.outcome).signal, "SIGKILL");
  });
}

test("unref() speaks for its own end only", async () => {
  const children = ["two reads, one unref", "read, unref, another read late"].map((name) =>
    start("lifetime.ts", [name])
  );
  await Promise.all(children.map(async (child) => {
    await staysAlive(child, 1000);
    child.kill();
    assert.equal((await child.outcome).signal, "SIGKILL");
  }));
});
