/** What an end has received ahead goes with its token; what is being written holds it back. */

import { type AnyEnd, type Bytes, SocketEnd, socketpair, type SocketPairOptions } from "../../mod.ts";
import { watched } from "../_epoll.ts";
import { assert, CONNECTED, delay, test } from "../_support.ts";
import { hasQueued, until } from "../_waiting.ts";

/** Every way in which chunks are made of what arrives. */
const MODES: Record<string, SocketPairOptions> = {
  "bytes": {},
  "seqpacket": { type: "seqpacket" },
  "dgram": { type: "dgram" },
  "framed": { framing: "uint32le" },
  "framed batches": { framing: "uint32le", chunks: "batches" },
  "seqpacket batches": { type: "seqpacket", chunks: "batches" },
  "messages": { type: "seqpacket", chunks: "messages" },
  "messages on a stream": { chunks: "messages" },
};

/** The bytes of a chunk, whatever the mode. */
function bytesOf(chunk: unknown): number[] {
  if (ArrayBuffer.isView(chunk)) return [...chunk as Bytes];
  return Array.isArray(chunk) ? chunk.flatMap(bytesOf) : bytesOf((chunk as { data: Bytes }).data);
}

/** A chunk of one record of one byte. */
function chunkOf(byte: number, { chunks }: SocketPairOptions): never {
  const data = new Uint8Array([byte]);
  return (chunks === "messages" ? { data } : chunks === "batches" ? [data] : data) as never;
}

/** The bytes of the next chunk. What does not come within a second is lost. */
async function read(end: AnyEnd): Promise<number[]> {
  const reader = end.readable.getReader();
  const late = setTimeout(() => end.close(new Error("what was sent does not come")), 1000);
  try {
    return bytesOf((await reader.read()).value);
  } finally {
    clearTimeout(late);
    reader.releaseLock();
  }
}

async function writeAll(end: AnyEnd, first: number, count: number, options: SocketPairOptions): Promise<void> {
  const writer = end.writable.getWriter();
  for (let byte = first; byte < first + count; byte += 1) await writer.write(chunkOf(byte, options));
  writer.releaseLock();
  // Framed records are held back until the event loop has turned.
  await delay(1);
}

for (const [name, options] of Object.entries(MODES)) {
  test(`transfer() goes on where the owner before has stopped: ${name}`, async () => {
    await using pair = socketpair(options);
    await writeAll(pair[0], 0, 20, options);
    const received: number[] = [];
    let end: SocketEnd<never, never> = pair[1] as SocketEnd<never, never>;
    for (const count of [1, 4, 0, 9]) {
      while (received.length < count) received.push(...await read(end));
      const token = structuredClone(end.transfer());
      end = SocketEnd.from(token) as SocketEnd<never, never>;
    }
    await writeAll(pair[0], 20, 10, options);
    while (received.length < 30) received.push(...await read(end));
    assert.deepEqual(received, Array.from({ length: 30 }, (_, byte) => byte));
    await end.close();
  });

  test(`transfer() is refused while a write is under way, and the end goes on: ${name}`, async () => {
    using pair = socketpair({ ...options, sendBufferSize: 4608 });
    const writer = pair[0].writable.getWriter() as WritableStreamDefaultWriter<never>;
    const large = new Uint8Array(3000).fill(7);
    const chunk =
      (options.chunks === "messages" ? { data: large } : options.chunks === "batches" ? [large] : large) as never;
    const writes = Promise.all(Array.from({ length: 50 }, () => writer.write(chunk)));
    assert.throws(() => pair[0].transfer(), { name: "TypeError", message: "Cannot transfer: writes are under way" });
    for (let received = 0; received < 150_000;) received += (await read(pair[1])).length;
    await writes;
    const end = SocketEnd.from(pair[0].transfer());
    await end.close();
  });
}

test("transfer() takes along an empty record that arrived for a reader that had let go", async () => {
  using pair = socketpair({ type: "seqpacket" });
  const reader = pair[1].readable.getReader();
  const gone = assert.rejects(reader.read(), TypeError);
  await watched(pair[1], "read");
  reader.releaseLock();
  await gone;
  pair[1].readable.getReader();
  for (const length of [0, 2]) await pair[0].write(new Uint8Array(length));
  await until(() => hasQueued(pair[1]), "the receipt of the empty record");
  const token = structuredClone(pair[1].transfer());
  assert.deepEqual(token.unread, [new Uint8Array(0)]);
  using end = SocketEnd.from(token);
  assert.equal((await read(end)).length, 0);
  assert.equal((await read(end)).length, 2);
});

for (const [name, options] of Object.entries(MODES)) {
  if (options.chunks === "messages" || name === "bytes") continue;
  test(`transfer() takes along a record that was too long for the view: ${name}`, async () => {
    await using pair = socketpair(options as { type: "seqpacket" });
    await pair[0].write(new Uint8Array([1, 2]));
    await pair[0].write(new Uint8Array([3]));
    await pair[0].flush();
    await assert.rejects(pair[1].read(new Uint8Array(1)), RangeError);
    const token = structuredClone(pair[1].transfer());
    assert.ok(token.unread.length > 0);
    using end = SocketEnd.from(token, options);
    const buffer = new Uint8Array(2);
    assert.deepEqual([await end.read(buffer), [...buffer]], [2, [1, 2]]);
    assert.deepEqual([await end.read(buffer), buffer[0]], [1, 3]);
  });
}

test("transfer() takes along half of a framed record", async () => {
  using pair = socketpair();
  const writer = pair[0].writable.getWriter();
  const framed = { framing: "uint32le" } as const;
  await writer.write(new Uint8Array([1, 0, 0, 0, 9, 3, 0, 0, 0, 5]));
  const first = SocketEnd.from(pair[1].detach().fd, framed);
  assert.deepEqual(await read(first), [9]);
  using second = SocketEnd.from(structuredClone(first.transfer()));
  await writer.write(new Uint8Array([6, 7]));
  assert.deepEqual(await read(second), [5, 6, 7]);
});

for (const [name, options] of Object.entries(MODES)) {
  for (const locked of [false, true]) {
    const now = locked ? "and another holds the lock" : "and no other has come";
    test(`transfer() takes along what arrived for a reader that had let go, ${now}: ${name}`, async () => {
      using pair = socketpair(options);
      const reader = (pair[1] as AnyEnd).readable.getReader();
      const gone = assert.rejects(reader.read(), TypeError);
      await delay(5);
      reader.releaseLock();
      await gone;
      if (locked) (pair[1] as AnyEnd).readable.getReader();
      await writeAll(pair[0], 5, 1, options);
      await delay(5);
      using end = SocketEnd.from(structuredClone(pair[1].transfer()));
      assert.deepEqual(await read(end), [5]);
    });
  }
}

for (const type of CONNECTED) {
  test(`transfer() of an end that was told of credentials: messages without them, and then EOF: ${type}`, async () => {
    using pair = socketpair({ type, chunks: "messages", credentials: true });
    const writer = pair[0].writable.getWriter();
    await writer.write({ data: new Uint8Array([5]) });
    using end = SocketEnd.from(pair[1].transfer());
    const reader = end.readable.getReader();
    const { value } = await reader.read();
    assert.deepEqual([value?.data, value?.credentials], [new Uint8Array([5]), undefined]);
    await writer.close();
    assert.equal((await reader.read()).done, true);
  });
}
