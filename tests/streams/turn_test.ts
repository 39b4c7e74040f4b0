/** The cooperative budget of a thread. */

import { spend, turn } from "../../streams/_turn.ts";
import { assert, test } from "../_support.ts";

const SHARE = 64 * 1024;

for (
  const [what, bytes, gathered, calls] of [
    ["64 KiB each", SHARE, false, 256],
    ["little each", 64, false, 1024],
    ["gathered, little each", 64, true, 16_384],
    ["gathered, 64 KiB each", SHARE, true, 256],
  ] as const
) {
  test(`turn() gives others their turn at the ${calls}th call: ${what}`, async () => {
    while (turn() === undefined);
    for (let call = 1; call < calls; call += 1) assert.equal(turn(bytes, gathered), undefined, `call ${call}`);
    const due = turn(bytes, gathered);
    assert.ok(due instanceof Promise);
    let turned = false;
    setTimeout(() => turned = true, 0);
    for (let wait: Promise<void> | undefined = due; !turned; wait = turn()) await wait;
  });
}

test("turn() counts what a long chunk has moved before", () => {
  while (turn() === undefined);
  spend(255 * SHARE);
  assert.ok(turn() instanceof Promise);
});
