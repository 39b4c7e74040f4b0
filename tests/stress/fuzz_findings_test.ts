/** What the random programs of `model/` have found, each as a test of its own. */

import { SocketEnd, socketpair, type SocketPairOptions } from "../../mod.ts";
import { assert, delay, test } from "../_support.ts";
import "./model/warm_up.ts";

const FRAMED = { framing: "uint32le" } as const;

async function lengths(end: SocketEnd): Promise<number[]> {
  const found: number[] = [];
  for await (const chunk of end.readable) found.push(chunk.byteLength);
  return found;
}

for (const size of [300, 300_000]) {
  test(`closeWrite() neither loses nor cuts a record that is written while it is under way: ${size} bytes`, async () => {
    await using pair = socketpair(FRAMED);
    const writer = pair[0].writable.getWriter();
    await writer.write(new Uint8Array(1));
    await delay(5);
    const closing = pair[0].closeWrite();
    const write = writer.write(new Uint8Array(size)).then(() => [1, size], () => [1]);
    assert.deepEqual(await lengths(pair[1]), await write);
    await closing;
  });
}

const BOTH_CLOSE: SocketPairOptions = { allowHalfOpen: false };

for (const how of ["close", "abort"] as const) {
  test(`closed rejects with the reason although the peer closes in the same turn: ${how}()`, async () => {
    await using pair = socketpair(BOTH_CLOSE);
    await delay(5);
    const reads = pair.map((end) => end.readable.getReader().read().catch(() => {}));
    const reason = new Error("why");
    if (how === "close") pair[0].close(reason).catch(() => {});
    else pair[0].writable.abort(reason).catch(() => {});
    await assert.rejects(pair[0].closed, (error) => error === reason);
    await Promise.all(reads);
  });
}

test("cancel() throws away what was received ahead, also for the next owner", async () => {
  const [left, right] = socketpair({ type: "seqpacket" });
  await left.write(new Uint8Array(50));
  await assert.rejects(right.read(new Uint8Array(1)), RangeError);
  await right.readable.cancel();
  const { fd, unread } = right.detach();
  await using _next = SocketEnd.from(fd);
  assert.deepEqual(unread, []);
  await left.close();
});

test("a record that is written and gathered is sent although the next write is refused", async () => {
  await using pair = socketpair(FRAMED);
  const writer = pair[0].writable.getWriter();
  const writes = [writer.write(new Uint8Array(7)), writer.write("junk" as never)];
  const outcomes = await Promise.allSettled(writes);
  assert.deepEqual(outcomes.map(({ status }) => status), ["fulfilled", "rejected"]);
  assert.deepEqual(await lengths(pair[1]), [7]);
});

test("cancel() throws away what had come before a reset, also for the next owner", async () => {
  const [left, right] = socketpair({ type: "seqpacket" });
  await right.writable.getWriter().write(new Uint8Array(300));
  await left.writable.getWriter().write(new Uint8Array(1));
  // With a byte unread, and for a reason.
  await right.close(new Error("enough")).catch(() => {});
  await left.readable.cancel();
  await using next = SocketEnd.from(left.detach().fd);
  assert.deepEqual(await lengths(next), []);
});

for (const also of [false, true]) {
  test(`writer.close() ends the direction although a write is refused while it waits${also ? ", and closeWrite() too" : ""}`, async () => {
    await using pair = socketpair({ sendBufferSize: 1 });
    const writer = pair[0].writable.getWriter();
    const write = writer.write(new Uint8Array(9000));
    const closing = writer.close();
    // Node throws where it is to reject.
    await assert.rejects(async () => await writer.write(new Uint8Array(1)));
    if (also) void pair[0].closeWrite();
    assert.equal((await lengths(pair[1])).reduce((sum, length) => sum + length, 0), 9000);
    await Promise.all([write, closing]);
  });
}

test("read() with an empty buffer does not wait for bytes, whatever waits before it", async () => {
  await using pair = socketpair();
  const reader = pair[1].readable.getReader();
  const abandoned = reader.read();
  reader.releaseLock();
  await assert.rejects(abandoned, TypeError);
  const first = pair[1].read(new Uint8Array(1));
  assert.equal(await pair[1].read(new Uint8Array(0)), 0);
  await pair[0].write(new Uint8Array(1));
  assert.equal(await first, 1);
});

test("read() is served before a reader that came later, also where an earlier one has let go of the stream", async () => {
  await using pair = socketpair();
  const reader = pair[1].readable.getReader();
  const abandoned = reader.read();
  reader.releaseLock();
  const rejected = assert.rejects(abandoned, TypeError);
  const view = new Uint8Array(1);
  const call = pair[1].read(view);
  const later = pair[1].readable.getReader().read();
  await pair[0].write(new Uint8Array([1, 2]));
  await rejected;
  assert.equal(await call, 1);
  assert.deepEqual([...view], [1]);
  assert.deepEqual([...(await later).value!], [2]);
});

test("flush() resolves when a close that was asked for before has sent everything", async () => {
  await using pair = socketpair({ sendBufferSize: 1 });
  const write = pair[0].write(new Uint8Array(9000));
  const closing = pair[0].closeWrite();
  const flush = pair[0].flush();
  assert.equal((await lengths(pair[1])).reduce((sum, length) => sum + length, 0), 9000);
  await Promise.all([write, closing, flush]);
  await pair[0].flush();
});

test("flush() rejects when the end was disposed of before what was gathered was sent", async () => {
  const [left, right] = socketpair(FRAMED);
  await left.write(new Uint8Array(3));
  left[Symbol.dispose]();
  await assert.rejects(left.flush(), TypeError);
  assert.deepEqual(await lengths(right), []);
});
