import { socketpair } from "../../mod.ts";
import { BusyPoll } from "../../ffi/wait/busy_poll.ts";
import { assert, delay, test } from "../_support.ts";

for (const busyPoll of [undefined, 0, 1, 1000, 1_000_000]) {
  test(`busyPoll ${busyPoll} gives what comes at once, soon, and after a while`, async () => {
    await using pair = socketpair({ type: "seqpacket", busyPoll });
    const buffer = new Uint8Array(10);
    for (const pause of [undefined, 0, 20, 0, undefined]) {
      const reading = pair[1].read(buffer);
      if (pause !== undefined) await delay(pause);
      await pair[0].write(new Uint8Array([7]));
      assert.deepEqual([await reading, buffer[0]], [1, 7]);
    }
  });
}

test("busyPoll 0 tries no call again, any other tries some times at once until the call succeeds", () => {
  for (const [budget, expected] of [[0, [false, 0]], [1, [true, 3]]] as const) {
    let tries = 0;
    const succeeded = new BusyPoll(budget).spinNow(() => ++tries === 3, () => {});
    assert.deepEqual([succeeded, tries], expected);
  }
});

test("busyPoll is an integer of microseconds", () => {
  for (const busyPoll of [-1, 0.5, NaN, 1e7]) {
    assert.throws(() => socketpair({ busyPoll }), { name: "RangeError", message: /busyPoll/ });
  }
});
