import { SocketEnd, socketpair } from "../../mod.ts";
import * as ffi from "../../ffi/mod.ts";
import { assert, delay, test } from "../_support.ts";

const RESET = {
  name: "SocketError",
  code: "ECONNRESET",
  errno: 104,
  message: /the peer closed without reading everything/,
};
const SOCK = { stream: ffi.SOCK_STREAM, seqpacket: ffi.SOCK_SEQPACKET } as const;
const RECORDS = [[1], [], [2, 3], [], [4]].map((bytes) => new Uint8Array(bytes));

/** An end whose peer has sent something and closed without reading what was sent to it. */
async function resetEnd(type: keyof typeof SOCK, options: { readAhead?: number } = {}): Promise<SocketEnd> {
  const [left, right] = ffi.socketpair(ffi.AF_UNIX, SOCK[type], 0);
  const end = SocketEnd.from(left, options);
  const writer = end.writable.getWriter();
  await writer.write(new Uint8Array([9]));
  writer.releaseLock();
  for (const record of RECORDS) ffi.sendmsg(right, { iov: [record] });
  ffi.close(right);
  return end;
}

for (const readAhead of [0, 1, 100]) {
  const way = `readAhead ${readAhead}`;

  test(`seqpacket: all that arrived before a reset is delivered, then the error (${way})`, async () => {
    const end = await resetEnd("seqpacket", { readAhead });
    const reader = end.readable.getReader();
    for (const record of RECORDS) assert.deepEqual((await reader.read()).value, record);
    await assert.rejects(reader.read(), RESET);
    await assert.rejects(reader.closed, RESET);
    await assert.rejects(end.closed, RESET);
    await end.close().catch(() => {});
  });

  test(`stream: all that arrived before a reset is delivered, then the error (${way})`, async () => {
    const end = await resetEnd("stream", { readAhead });
    const reader = end.readable.getReader();
    const received: number[] = [];
    const failure = await (async () => {
      for (;;) received.push(...(await reader.read()).value!);
    })().catch((error) => error);
    assert.deepEqual(received, [1, 2, 3, 4]);
    await assert.rejects(Promise.reject(failure), RESET);
    await end.close().catch(() => {});
  });

  test(`seqpacket: a write that meets the reset first leaves what arrived to the reader (${way})`, async () => {
    const end = await resetEnd("seqpacket", { readAhead });
    await assert.rejects(end.writable.getWriter().write(new Uint8Array([9])), RESET);
    const reader = end.readable.getReader();
    for (const record of RECORDS) assert.deepEqual((await reader.read()).value, record);
    await assert.rejects(reader.read(), RESET);
    await end.close().catch(() => {});
  });

  test(`stream: a write after a reset fails and leaves what arrived to the reader (${way})`, async () => {
    const end = await resetEnd("stream", { readAhead });
    await assert.rejects(end.writable.getWriter().write(new Uint8Array([9])), /\((EPIPE|ECONNRESET)\)$/);
    const reader = end.readable.getReader();
    const received: number[] = [];
    await assert.rejects(async () => {
      for (;;) received.push(...(await reader.read()).value!);
    }, RESET);
    assert.deepEqual(received, [1, 2, 3, 4]);
    await end.close().catch(() => {});
  });
}

test("stream: a BYOB reader gets all that arrived before a reset, then the error", async () => {
  const end = await resetEnd("stream");
  const reader = end.readable.getReader({ mode: "byob" });
  const received: number[] = [];
  await assert.rejects(async () => {
    for (;;) received.push((await reader.read(new Uint8Array(1))).value![0]!);
  }, RESET);
  assert.deepEqual(received, [1, 2, 3, 4]);
  await end.close().catch(() => {});
});

for (const type of ["stream", "seqpacket"] as const) {
  test(`${type}: a read that waits while the reset comes fails with it`, async () => {
    const [fd, peer] = ffi.socketpair(ffi.AF_UNIX, SOCK[type], 0);
    const end = SocketEnd.from(fd);
    const reading = assert.rejects(end.readable.getReader().read(), RESET);
    await end.writable.getWriter().write(new Uint8Array([9]));
    await delay(5);
    ffi.close(peer);
    await reading;
    await assert.rejects(end.close(), RESET);
  });

  for (const how of ["close", "close with a reason", "dispose"] as const) {
    test(`${type}: a reader that waits learns that the other end, in this thread, left something unread: ${how}`, async () => {
      const [left, right] = socketpair({ type });
      const reading = assert.rejects(left.readable.getReader().read(), RESET);
      await left.writable.getWriter().write(new Uint8Array([9]));
      await delay(5);
      if (how === "dispose") right[Symbol.dispose]();
      else await right.close(how === "close" ? undefined : new Error("enough")).catch(() => {});
      await reading;
      await assert.rejects(left.close(), RESET);
    });
  }

  test(`${type}: a write that waits while the reset comes fails, and the reader learns of it too`, async () => {
    const [left, right] = socketpair({ type, sendBufferSize: 16_384 });
    const writer = left.writable.getWriter();
    const writes = Promise.allSettled(Array.from({ length: 5 }, () => writer.write(new Uint8Array(20_000))));
    await delay(5);
    await right.close();
    const last = (await writes).at(-1);
    assert.match(last?.status === "rejected" ? last.reason.code : "", /^(EPIPE|ECONNRESET)$/);
    await assert.rejects(left.readable.getReader().read(), RESET);
    assert.equal(left.fd, -1);
  });

  test(`${type}: a peer that has read everything and closes is no reset`, async () => {
    const [left, right] = socketpair({ type });
    await left.writable.getWriter().write(new Uint8Array([9]));
    await right.readable.getReader().read();
    await right.close();
    assert.equal((await left.readable.getReader().read()).done, true);
    await left.close();
  });

  test(`${type}: disposing the end with a reset that nobody has met is no error`, async () => {
    const end = await resetEnd(type);
    await end[Symbol.asyncDispose]();
    await end.closed;
    assert.equal(end.fd, -1);
  });
}
