import { type AnyEnd, SocketEnd, socketpair } from "../../mod.ts";
import * as ffi from "../../ffi/mod.ts";
import { watched } from "../_epoll.ts";
import { assert, delay, test } from "../_support.ts";

const GONE = { name: "SocketError", code: "ECONNREFUSED", errno: 111, syscall: "sendmsg" };

/** Whether a promise is still pending after a while. */
async function pending(promise: Promise<unknown>): Promise<boolean> {
  return await Promise.race([promise.then(() => false, () => false), delay(20, true)]);
}

test("dgram: the end of the peer is no end: a read goes on waiting until the end is closed here", async () => {
  await using pair = socketpair({ type: "dgram" });
  const reading = pair[1].readable.getReader().read();
  await pair[0].close();
  assert.equal(await pending(reading), true);
  await pair[1].close();
  assert.deepEqual(await reading, { value: undefined, done: true });
});

test("dgram: writable.close() is not noticed by the peer, which goes on waiting and writing", async () => {
  await using pair = socketpair({ type: "dgram" });
  const reader = pair[1].readable.getReader();
  const reading = reader.read();
  await pair[0].writable.close();
  assert.equal(await pending(reading), true);
  await pair[1].writable.getWriter().write(new Uint8Array([1]));
  assert.deepEqual((await pair[0].readable.getReader().read()).value, new Uint8Array([1]));
  await reader.cancel();
  assert.equal((await reading).done, true);
});

test("dgram: a read that waits ends by cancel()", async () => {
  await using pair = socketpair({ type: "dgram" });
  const reader = pair[1].readable.getReader();
  const reading = reader.read();
  await watched(pair[1], "read");
  await reader.cancel();
  assert.deepEqual(await reading, { value: undefined, done: true });
});

test("dgram: what the peer had written before it closed can be read", async () => {
  await using pair = socketpair({ type: "dgram" });
  const writer = pair[0].writable.getWriter();
  for (const size of [3, 0, 1]) await writer.write(new Uint8Array(size));
  await pair[0].close();
  const reader = pair[1].readable.getReader();
  for (const size of [3, 0, 1]) assert.equal((await reader.read()).value?.byteLength, size);
  assert.equal(await pending(reader.read()), true);
});

for (const options of [{}, { chunks: "batches" }, { chunks: "messages" }] as const) {
  test(`dgram: what was shut down before it was adopted is read to its end: ${Object.keys(options)[0] ?? "plain"}`, async () => {
    const [fd, other] = ffi.socketpair(ffi.AF_UNIX, ffi.SOCK_DGRAM, 0);
    ffi.sendmsg(other, { iov: [new Uint8Array([1])] });
    ffi.shutdown(fd, ffi.SHUT_RD);
    await using end: AnyEnd = SocketEnd.from(fd, options);
    const reader = end.readable.getReader();
    assert.equal((await reader.read()).done, false);
    assert.equal((await Promise.race([reader.read(), delay(1000, undefined)]))?.done, true);
    ffi.close(other);
  });
}

test("dgram: a read that waits ends when another owner of the socket shuts it down", async () => {
  await using pair = socketpair({ type: "dgram" });
  const reading = pair[1].readable.getReader().read();
  assert.equal(await pending(reading), true);
  ffi.shutdown(pair[1].fd, ffi.SHUT_RD);
  assert.equal((await Promise.race([reading, delay(1000, undefined)]))?.done, true);
});

test("dgram: a write after the peer has closed fails with ECONNREFUSED", async () => {
  await using pair = socketpair({ type: "dgram" });
  await pair[1].close();
  await assert.rejects(pair[0].writable.getWriter().write(new Uint8Array(1)), GONE);
  await assert.rejects(pair[0].closed, GONE);
});

test("dgram: the peer's close with unread records is no error for who reads, only for who writes", async () => {
  await using pair = socketpair({ type: "dgram" });
  await pair[1].writable.getWriter().write(new Uint8Array([1]));
  await pair[0].writable.getWriter().write(new Uint8Array([2]));
  await pair[1].close();
  const reader = pair[0].readable.getReader();
  assert.deepEqual((await reader.read()).value, new Uint8Array([1]));
  assert.equal(await pending(reader.read()), true);
});

for (const adopted of [false, true]) {
  const way = adopted ? "adopted ends" : "ends of a pair";

  test(`dgram: a write that waits on a full queue fails with ECONNREFUSED when the peer closes (${way})`, async () => {
    const [left, right] = adopted
      ? ffi.socketpair(ffi.AF_UNIX, ffi.SOCK_DGRAM, 0).map((fd) => SocketEnd.from(fd))
      : socketpair({ type: "dgram" });
    using _left = left!;
    const writer = left!.writable.getWriter();
    const writes = Promise.allSettled(Array.from({ length: 300 }, () => writer.write(new Uint8Array(1000))));
    await delay(5);
    await right!.close();
    const last = (await writes).at(-1);
    assert.equal(last?.status === "rejected" && last.reason.code, "ECONNREFUSED");
  });
}

test("dgram: an error of a write fails its own direction, what arrives can still be read", async () => {
  await using pair = socketpair({ type: "dgram" });
  await pair[1].writable.getWriter().write(new Uint8Array([1]));
  await pair[1].readable.cancel();
  await assert.rejects(pair[0].writable.getWriter().write(new Uint8Array(1)), { code: "EPIPE" });
  assert.deepEqual((await pair[0].readable.getReader().read()).value, new Uint8Array([1]));
});

test("dgram: allowHalfOpen: false closes nothing, since there is no end to notice", async () => {
  await using pair = socketpair({ type: "dgram", allowHalfOpen: false });
  const reading = pair[1].readable.getReader().read();
  await pair[0].close();
  assert.equal(await pending(reading), true);
  assert.ok(pair[1].fd > 2);
});
