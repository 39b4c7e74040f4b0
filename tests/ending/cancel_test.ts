import { SocketEnd, socketpair } from "../../mod.ts";
import * as ffi from "../../ffi/mod.ts";
import { watched } from "../_epoll.ts";
import { assert, test, TYPES } from "../_support.ts";

const SOCK = { stream: ffi.SOCK_STREAM, seqpacket: ffi.SOCK_SEQPACKET, dgram: ffi.SOCK_DGRAM };

/** Both ends of a pair, which know of each other or not. */
function endsOf(type: typeof TYPES[number], adopted: boolean): [SocketEnd, SocketEnd] {
  if (!adopted) return [...socketpair({ type })] as [SocketEnd, SocketEnd];
  const [left, right] = ffi.socketpair(ffi.AF_UNIX, SOCK[type], 0);
  return [SocketEnd.from(left), SocketEnd.from(right)];
}

for (const type of TYPES) {
  for (const adopted of [false, true]) {
    const way = adopted ? "adopted ends" : "ends of a pair";

    test(`${type}: cancel() fails the peer's next write with EPIPE (${way})`, async () => {
      const [left, right] = endsOf(type, adopted);
      using _left = left;
      using _right = right;
      await right.readable.cancel();
      await assert.rejects(left.writable.getWriter().write(new Uint8Array(1)), {
        name: "SocketError",
        code: "EPIPE",
        errno: 32,
        syscall: "sendmsg",
      });
      await assert.rejects(left.closed, { code: "EPIPE" });
    });

    test(`${type}: cancel() fails a write that waits on a full queue with EPIPE (${way})`, async () => {
      const [left, right] = endsOf(type, adopted);
      using _left = left;
      using _right = right;
      const writer = left.writable.getWriter();
      const writes = Promise.allSettled(Array.from({ length: 100 }, () => writer.write(new Uint8Array(50_000))));
      await watched(left, "write");
      await right.readable.cancel();
      const last = (await writes).at(-1);
      assert.equal(last?.status === "rejected" && last.reason.code, "EPIPE");
    });

    test(`${type}: close() of the end fails a write that waits on a full queue (${way})`, async () => {
      const [left, right] = endsOf(type, adopted);
      using _left = left;
      const writer = left.writable.getWriter();
      const writes = Promise.allSettled(Array.from({ length: 100 }, () => writer.write(new Uint8Array(50_000))));
      await watched(left, "write");
      await right.close();
      const last = (await writes).at(-1);
      assert.match(last?.status === "rejected" ? last.reason.code : "", /^(EPIPE|ECONNRESET|ECONNREFUSED)$/);
    });
  }

  test(`${type}: cancel() ends a read that waits`, async () => {
    await using pair = socketpair({ type });
    const reader = pair[1].readable.getReader();
    const reading = reader.read();
    await watched(pair[1], "read");
    await reader.cancel();
    assert.deepEqual(await reading, { value: undefined, done: true });
  });

  test(`${type}: cancel() leaves the other direction alone`, async () => {
    await using pair = socketpair({ type });
    await pair[1].readable.cancel();
    assert.ok(pair[1].fd > 2);
    const reader = pair[0].readable.getReader();
    const writer = pair[1].writable.getWriter();
    for (const number of [1, 2, 3]) {
      await writer.write(new Uint8Array([number]));
      assert.deepEqual((await reader.read()).value, new Uint8Array([number]));
    }
  });

  test(`${type}: cancel() and writable.close() together close the end`, async () => {
    await using pair = socketpair({ type });
    await pair[1].readable.cancel();
    await pair[1].writable.close();
    await pair[1].closed;
    assert.equal(pair[1].fd, -1);
  });

  test(`${type}: cancel() again, with a reason or after the end does nothing`, async () => {
    await using pair = socketpair({ type });
    await pair[1].readable.cancel(new Error("no more"));
    await pair[1].readable.cancel();
    await pair[1].close();
    await pair[1].readable.cancel();
    await pair[1].closed;
  });
}

test("cancel() of a BYOB reader ends its read and gives no memory back", async () => {
  await using pair = socketpair();
  const reader = pair[1].readable.getReader({ mode: "byob" });
  const reading = reader.read(new Uint8Array(10));
  await watched(pair[1], "read");
  await reader.cancel();
  assert.deepEqual(await reading, { value: undefined, done: true });
});

test("cancel() throws away what has arrived", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  for (const length of [3, 1, 2]) await pair[0].write(new Uint8Array(length));
  await assert.rejects(pair[1].read(new Uint8Array(2)), RangeError);
  const reader = pair[1].readable.getReader();
  await reader.cancel();
  assert.equal((await reader.read()).done, true);
});

test("close() throws away a record that was too long for the view", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  await pair[0].write(new Uint8Array(3));
  await assert.rejects(pair[1].read(new Uint8Array(2)), RangeError);
  await pair[1].close();
  assert.equal(await pair[1].read(new Uint8Array(3)), null);
});
