/** A reset (the peer closed without reading all that was sent to it) is news of the sending direction. */

import { SocketEnd, socketpair } from "../../mod.ts";
import * as ffi from "../../ffi/mod.ts";
import { Buffer } from "node:buffer";
import { assert, test } from "../_support.ts";
import { hasQueued, numberOf } from "../_waiting.ts";

const RESET = {
  name: "SocketError",
  code: "ECONNRESET",
  errno: 104,
  message: /the peer closed without reading everything/,
};
/** A writer may come behind the one that was told of the reset. */
const GONE = { name: "SocketError", code: /^(ECONNRESET|EPIPE)$/ };
const SOCK = { stream: ffi.SOCK_STREAM, seqpacket: ffi.SOCK_SEQPACKET } as const;
const RECORDS = [[1], [], [2, 3], [], [4]].map((bytes) => new Uint8Array(bytes));

/** An end whose peer has sent something and closed without reading what was sent to it. */
async function resetEnd(type: keyof typeof SOCK): Promise<SocketEnd> {
  const [left, right] = ffi.socketpair(ffi.AF_UNIX, SOCK[type], 0);
  const end = SocketEnd.from(left);
  await end.write(new Uint8Array([9]));
  for (const record of RECORDS) ffi.sendmsg(right, { iov: [record] });
  ffi.close(right);
  return end;
}

test("seqpacket: all that arrived before a reset is delivered, then the end", async () => {
  const end = await resetEnd("seqpacket");
  assert.deepEqual(await Array.fromAsync(end.readable), RECORDS);
  await assert.rejects(end.closed, RESET);
  assert.equal(end.fd, -1);
});

test("stream: all that arrived before a reset is delivered, then the end", async () => {
  const end = await resetEnd("stream");
  assert.deepEqual([...Buffer.concat(await Array.fromAsync(end.readable))], [1, 2, 3, 4]);
  await assert.rejects(end.closed, RESET);
  assert.equal(end.fd, -1);
});

for (const type of ["stream", "seqpacket"] as const) {
  test(`${type}: a write that meets the reset first leaves what arrived to the reader`, async () => {
    const end = await resetEnd(type);
    await assert.rejects(end.writable.getWriter().write(new Uint8Array([9])), GONE);
    assert.deepEqual([...Buffer.concat(await Array.fromAsync(end.readable))], [1, 2, 3, 4]);
    await assert.rejects(end.closed, GONE);
    assert.equal(end.fd, -1);
  });
}

test("stream: a BYOB reader gets all that arrived before a reset, then the end", async () => {
  const end = await resetEnd("stream");
  const reader = end.readable.getReader({ mode: "byob" });
  for (const byte of [1, 2, 3, 4]) {
    assert.deepEqual((await reader.read(new Uint8Array(1))).value, new Uint8Array([byte]));
  }
  assert.equal((await reader.read(new Uint8Array(1))).done, true);
  await assert.rejects(end.closed, RESET);
});

for (const type of ["stream", "seqpacket"] as const) {
  test(`${type}: read() gives all that arrived before a reset, then null`, async () => {
    const end = await resetEnd(type);
    const buffer = new Uint8Array(10);
    const received: number[] = [];
    for (let count = await end.read(buffer); count !== null; count = await end.read(buffer)) {
      received.push(...buffer.subarray(0, count));
    }
    assert.deepEqual(received, [1, 2, 3, 4]);
    await assert.rejects(end.closed, RESET);
    await assert.rejects(end.write(buffer), GONE);
  });

  test(`${type}: a read that waits while the reset comes is done, and the writable has failed`, async () => {
    const [fd, peer] = ffi.socketpair(ffi.AF_UNIX, SOCK[type], 0);
    const end = SocketEnd.from(fd);
    const reading = end.readable.getReader().read();
    const writer = end.writable.getWriter();
    await writer.write(new Uint8Array([9]));
    ffi.close(peer);
    assert.deepEqual(await reading, { value: undefined, done: true });
    await assert.rejects(writer.closed, RESET);
    await assert.rejects(end.close(), RESET);
  });

  for (const how of ["close", "close with a reason", "dispose"] as const) {
    test(`${type}: an end whose number was not told never resets its peer: ${how}`, async () => {
      const [left, right] = socketpair({ type });
      await left.write(new Uint8Array([9]));
      await right.write(new Uint8Array([8]));
      assert.ok(hasQueued(right));
      if (how === "dispose") right[Symbol.dispose]();
      else await right.close(how === "close" ? undefined : new Error("enough")).catch(() => {});
      assert.deepEqual(await Array.fromAsync(left.readable), [new Uint8Array([8])]);
      await left.closed;
      await assert.rejects(left.write(new Uint8Array(1)), { code: "EPIPE" });
    });
  }

  test(`${type}: an end whose number was told resets its peer, as close(2) does`, async () => {
    const [left, right] = socketpair({ type });
    await left.write(new Uint8Array([9]));
    assert.ok(right.fd > 2);
    await right.close();
    assert.equal(await left.read(new Uint8Array(1)), null);
    await assert.rejects(left.closed, RESET);
  });

  test(`${type}: a write that waits while the peer resets fails, and the reader ends`, async () => {
    const [fd, peer] = ffi.socketpair(ffi.AF_UNIX, SOCK[type], 0);
    const end = SocketEnd.from(fd);
    const writer = end.writable.getWriter();
    const [first, ...others] = Array.from({ length: 30 }, () => writer.write(new Uint8Array(50_000)));
    const writes = Promise.allSettled(others);
    await first;
    // The kernel takes a few of them: the others wait, whenever the peer goes.
    ffi.close(peer);
    const last = (await writes).at(-1);
    assert.match(last?.status === "rejected" ? last.reason.code : "", /^(EPIPE|ECONNRESET)$/);
    assert.equal((await end.readable.getReader().read()).done, true);
    assert.equal(numberOf(end), -1);
  });

  test(`${type}: a peer that has read everything and closes is no reset`, async () => {
    const [left, right] = socketpair({ type });
    await left.write(new Uint8Array([9]));
    await right.read(new Uint8Array(1));
    await right.close();
    assert.equal((await left.readable.getReader().read()).done, true);
    await left.closed;
  });

  test(`${type}: disposing an end with a reset that no read or write has met is no error`, async () => {
    const end = await resetEnd(type);
    await end[Symbol.asyncDispose]();
    await end.closed;
    assert.equal(end.fd, -1);
  });
}
