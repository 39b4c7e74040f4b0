import { SocketEnd, socketpair, type SocketType } from "../../mod.ts";
import {
  AF_UNIX,
  close,
  MSG_DONTWAIT,
  MSG_PEEK,
  recvmsg,
  SOCK_SEQPACKET,
  socketpair as rawPair,
} from "../../ffi/mod.ts";
import { Buffer } from "node:buffer";
import { assert, test } from "../_support.ts";

/** The first record or byte that the kernel still has for an end. */
function peek(end: SocketEnd): number {
  const byte = new Uint8Array(1);
  recvmsg(end.fd, { iov: [byte] }, MSG_PEEK | MSG_DONTWAIT);
  return byte[0]!;
}

for (const readAhead of [0, 1, 7, 1000]) {
  for (const type of ["seqpacket", "dgram"] satisfies SocketType[]) {
    test(`${type}: readAhead ${readAhead} delivers every record whole and in order`, async () => {
      await using pair = socketpair({ type, readAhead });
      const writer = pair[0].writable.getWriter();
      const records = Array.from({ length: 500 }, (_, number) => new Uint8Array(number % 50).fill(number));
      const writes = Promise.all(records.map((record) => writer.write(record)));
      const reader = pair[1].readable.getReader();
      for (const record of records) assert.equal(Buffer.compare((await reader.read()).value!, record), 0);
      await writes;
    });
  }

  test(`seqpacket: readAhead ${readAhead} delivers the end after the last record`, async () => {
    await using pair = socketpair({ type: "seqpacket", readAhead });
    const writer = pair[0].writable.getWriter();
    for (let number = 0; number < 8; number += 1) await writer.write(new Uint8Array([number]));
    await writer.close();
    const records = await Array.fromAsync(pair[1].readable);
    assert.deepEqual(records.map(([number]) => number), [0, 1, 2, 3, 4, 5, 6, 7]);
  });
}

for (const readAhead of [0, 1, 1000, 2 ** 20, 2 ** 30]) {
  test(`stream: readAhead ${readAhead} delivers every byte in order, to both kinds of reader`, async () => {
    await using pair = socketpair({ readAhead });
    const sent = new Uint8Array(2 ** 20).map((_, index) => index * 7 + (index >> 8));
    const writing = pair[0].writable.getWriter().write(sent);
    const received: Uint8Array[] = [];
    for (let length = 0; length < sent.byteLength;) {
      const byob = pair[1].readable.getReader({ mode: "byob" });
      received.push((await byob.read(new Uint8Array(777))).value!);
      byob.releaseLock();
      length += received.at(-1)!.byteLength;
      if (length === sent.byteLength) break;
      const reader = pair[1].readable.getReader();
      received.push((await reader.read()).value!);
      reader.releaseLock();
      length += received.at(-1)!.byteLength;
    }
    assert.equal(Buffer.compare(Buffer.concat(received), sent), 0);
    await writing;
  });
}

test("seqpacket: nothing is received that was not asked for", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const writer = pair[0].writable.getWriter();
  const reader = pair[1].readable.getReader();
  for (const number of [1, 2, 3]) await writer.write(new Uint8Array([number]));
  assert.equal(peek(pair[1]), 1);
  await reader.read();
  assert.equal(peek(pair[1]), 2);
});

test("stream: a BYOB reader takes no more bytes out than its view holds", async () => {
  await using pair = socketpair();
  await pair[0].writable.getWriter().write(new Uint8Array([1, 2, 3, 4, 5]));
  assert.equal(peek(pair[1]), 1);
  const reader = pair[1].readable.getReader({ mode: "byob" });
  assert.deepEqual((await reader.read(new Uint8Array(3))).value, new Uint8Array([1, 2, 3]));
  assert.equal(peek(pair[1]), 4);
});

test("seqpacket: readAhead receives so many records beyond the one that is asked for, and not before", async () => {
  await using pair = socketpair({ type: "seqpacket", readAhead: 3 });
  const writer = pair[0].writable.getWriter();
  for (let number = 0; number < 10; number += 1) await writer.write(new Uint8Array([number]));
  assert.equal(peek(pair[1]), 0);
  await pair[1].readable.getReader().read();
  assert.equal(peek(pair[1]), 4);
});

for (const readAhead of [10, 1000, 100_000]) {
  test(`stream: readAhead ${readAhead} receives at most so many bytes that were not asked for`, async () => {
    await using pair = socketpair({ readAhead });
    await pair[0].writable.getWriter().write(new Uint8Array(150_000).fill(1));
    assert.equal(peek(pair[1]), 1);
    await pair[1].readable.getReader({ mode: "byob" }).read(new Uint8Array(1));
    const { fd, unread } = pair[1].detach();
    close(fd);
    const length = (unread as Uint8Array[]).reduce((sum, { byteLength }) => sum + byteLength, 0);
    assert.ok(length > 0 && length <= readAhead, `${length} bytes`);
  });
}

test("seqpacket: close() throws away what was received ahead", async () => {
  await using pair = socketpair({ type: "seqpacket", readAhead: 8 });
  const writer = pair[0].writable.getWriter();
  for (const number of [1, 2, 3]) await writer.write(new Uint8Array([number]));
  const reader = pair[1].readable.getReader();
  assert.deepEqual((await reader.read()).value, new Uint8Array([1]));
  await pair[1].close();
  assert.equal((await reader.read()).done, true);
});

test("socketpair() refuses a readAhead that means nothing, and opens nothing", () => {
  for (const readAhead of [-1, 1.5, NaN, Infinity]) {
    assert.throws(() => socketpair({ readAhead }), {
      name: "RangeError",
      message: new RegExp(`^Cannot use readAhead ${readAhead}: it is an integer`),
    });
  }
});

test("SocketEnd.from() refuses a readAhead that means nothing, and leaves the descriptor alone", () => {
  const [left, right] = rawPair(AF_UNIX, SOCK_SEQPACKET, 0);
  assert.throws(() => SocketEnd.from(left, { readAhead: -1 }), RangeError);
  using first = SocketEnd.from(left);
  using second = SocketEnd.from(right);
  assert.deepEqual([first.fd, second.fd], [left, right]);
});
