import { SocketEnd, socketpair } from "../../mod.ts";
import { statistics } from "../../ffi/patience.ts";
import { assert, delay, test } from "../_support.ts";

/** How often trying again was begun for a read that waits 20 ms, of an end whose peer seems to live elsewhere. */
async function attempts(busyPoll?: number): Promise<number> {
  const [left, right] = socketpair({ type: "seqpacket" });
  const end = SocketEnd.from(right.detach().fd, busyPoll === undefined ? {} : { busyPoll });
  const before = statistics.hits + statistics.misses;
  const reading = end.readable.getReader().read();
  await delay(20);
  await left.writable.getWriter().write(new Uint8Array([7]));
  assert.deepEqual((await reading).value, new Uint8Array([7]));
  await Promise.all([left.close(), end.close()]);
  return statistics.hits + statistics.misses - before;
}

test("busyPoll is on unless it is turned off", async () => {
  assert.equal(await attempts(), 1);
  assert.equal(await attempts(1000), 1);
  assert.equal(await attempts(0), 0);
});

test("busyPoll is not for two ends of one thread, which wake each other", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const before = statistics.hits + statistics.misses;
  const reading = pair[1].readable.getReader().read();
  await delay(5);
  await pair[0].writable.getWriter().write(new Uint8Array([7]));
  await reading;
  assert.equal(statistics.hits + statistics.misses, before);
});

test("busyPoll is an integer of microseconds", () => {
  for (const busyPoll of [-1, 0.5, NaN, 1e7]) {
    assert.throws(() => socketpair({ busyPoll }), { name: "RangeError", message: /busyPoll/ });
  }
});
