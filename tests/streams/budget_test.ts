/** The cooperative budget of a thread: when it is spent, nothing is tried before the event loop has turned. */

import { CALL, isSpent, spend } from "../../ffi/budget.ts";
import { replaceClock } from "../../ffi/hooks.ts";
import { socketpair } from "../../mod.ts";
import { assert, delay, test } from "../_support.ts";

/** Spends what is left of the budget. */
function spendAll(): void {
  while (!isSpent()) spend(CALL);
}

test("spend() spends the budget by bytes, and the event loop's next turn renews it", async () => {
  spendAll();
  await delay(5);
  for (let call = 1; call < 16; call += 1) spend(1024 * 1024);
  assert.equal(isSpent(), false);
  spend(1024 * 1024);
  assert.equal(isSpent(), true);
  await delay(5);
  assert.equal(isSpent(), false);
});

test("spend() spends the budget by time: after 5 ms, however little was moved", async () => {
  spendAll();
  await delay(5);
  let time = 0;
  replaceClock(() => time);
  try {
    spend(1024 * 1024);
    time = 4.9;
    spend(1024 * 1024);
    assert.equal(isSpent(), false);
    time = 5;
    spend(1024 * 1024 - 1);
    assert.equal(isSpent(), false, "the clock is not looked at for each call");
    spend(1);
    assert.equal(isSpent(), true);
  } finally {
    replaceClock(undefined);
  }
  await delay(5);
  assert.equal(isSpent(), false);
});

for (const options of [{ type: "seqpacket" }, { type: "stream" }, { framing: "uint32le" }] as const) {
  const name = Object.values(options)[0];
  test(`${name}: read() and write() wait for the event loop's next turn when another end has spent the budget`, async () => {
    await using pair = socketpair(options);
    const [left, right] = pair;
    await left.write(new Uint8Array([1]));
    await left.flush();
    spendAll();
    let turned = false;
    setTimeout(() => turned = true, 0);
    const order: string[] = [];
    const reading = right.read(new Uint8Array(10)).then((count) => order.push(`read ${count}, spent ${isSpent()}`));
    const writing = left.write(new Uint8Array([2])).then((count) => order.push(`wrote ${count}, spent ${isSpent()}`));
    for (let turn = 0; turn < 50; turn += 1) await undefined;
    assert.deepEqual(order, []);
    await Promise.all([reading, writing]);
    assert.deepEqual(order.toSorted(), ["read 1, spent false", "wrote 1, spent false"]);
    await delay(1);
    assert.ok(turned);
  });
}

test("close() of an end that has nothing to send is not put off when the budget is spent", async () => {
  const [left, right] = socketpair({ type: "dgram" });
  spendAll();
  void left.close();
  await assert.rejects(right.write(new Uint8Array([1])), { code: "ECONNREFUSED" });
  right[Symbol.dispose]();
});
