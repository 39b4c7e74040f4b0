/** flush(): when the kernel has what was written. */

import { SocketEnd, socketpair } from "../../mod.ts";
import { assert, delay, test, TYPES } from "../_support.ts";
import { hasQueued } from "../_waiting.ts";

for (const way of ["calls", "the stream"] as const) {
  test(`framed: flush() resolves when the kernel has what was gathered, by ${way}`, async () => {
    await using pair = socketpair({ framing: "uint32be" });
    const writer = way === "calls" ? pair[0] : pair[0].writable.getWriter();
    await writer.write(new Uint8Array([1]));
    void writer.write(new Uint8Array([2]));
    await pair[0].flush();
    assert.ok(hasQueued(pair[1]));
    const raw = new Uint8Array(20);
    await using peer = SocketEnd.from(pair[1].detach().fd);
    assert.deepEqual([await peer.read(raw), [...raw.subarray(0, 10)]], [10, [0, 0, 0, 1, 1, 0, 0, 0, 1, 2]]);
  });
}

test("framed: flush() waits for room", async () => {
  await using pair = socketpair({ framing: "uint32le", sendBufferSize: 4608 });
  for (let count = 0; count < 10; count += 1) void pair[0].write(new Uint8Array(6000));
  let flushed = false;
  const flushing = pair[0].flush().then(() => flushed = true);
  await delay(20);
  assert.equal(flushed, false);
  for (let count = 0; count < 10; count += 1) assert.equal(await pair[1].read(new Uint8Array(6000)), 6000);
  await flushing;
});

for (const type of TYPES) {
  test(`${type}: flush() waits for the writes before it, and not for those behind it`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 4608 });
    const order: string[] = [];
    const large = (name: string) => pair[0].write(new Uint8Array(3000)).then(() => order.push(name));
    for (let count = 0; count < 9; count += 1) void pair[0].write(new Uint8Array(3000));
    const before = large("before");
    const flushing = pair[0].flush().then(() => order.push("flushed"));
    for (let count = 0; count < 9; count += 1) void pair[0].write(new Uint8Array(3000));
    const behind = large("behind");
    for (let received = 0; received < 60_000;) received += (await pair[1].read(new Uint8Array(3000)))!;
    await Promise.all([before, flushing, behind]);
    assert.deepEqual(order, ["before", "flushed", "behind"]);
  });

  test(`${type}: flush() with nothing to send resolves, also of a closed end`, async () => {
    await using pair = socketpair({ type });
    await pair[0].flush();
    await pair[0].close();
    await pair[0].flush();
  });

  test(`${type}: flush() rejects with what the direction fails with, before and after`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 4608 });
    const writes = Promise.allSettled(Array.from({ length: 20 }, () => pair[0].write(new Uint8Array(3000))));
    const reason = new Error("enough");
    const flushing = assert.rejects(pair[0].flush(), reason);
    await pair[0].close(reason).catch(() => {});
    await flushing;
    await assert.rejects(pair[0].flush(), reason);
    await writes;
  });
}
