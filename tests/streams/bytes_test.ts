import { SocketEnd, socketpair } from "../../mod.ts";
import { AF_UNIX, SOCK_STREAM, socketpair as rawPair } from "../../ffi/mod.ts";
import { Buffer } from "node:buffer";
import { assert, delay, test } from "../_support.ts";

/** Bytes that repeat only after 64 KiB. */
function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) bytes[index] = index * 7 + (index >> 8);
  return bytes;
}

/** Reads to the end with a reader of either kind. */
async function readAll(end: SocketEnd, mode: "byob" | "default", size = 65_536): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  if (mode === "default") {
    for await (const chunk of end.readable) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
  const reader = end.readable.getReader({ mode });
  for (;;) {
    const { value, done } = await reader.read(new Uint8Array(size));
    if (done) return Buffer.concat(chunks);
    chunks.push(value);
  }
}

for (const mode of ["byob", "default"] as const) {
  test(`stream: a chunk much larger than SO_SNDBUF arrives whole (${mode} reader)`, async () => {
    await using pair = socketpair({ sendBufferSize: 16_384 });
    const writer = pair[0].writable.getWriter();
    const writing = writer.write(bytesOf(4_000_000)).then(() => writer.close());
    assert.equal(Buffer.compare(await readAll(pair[1], mode), bytesOf(4_000_000)), 0);
    await writing;
  });

  test(`stream: a chunk much larger than SO_SNDBUF arrives whole on ends that were adopted (${mode} reader)`, async () => {
    const [left, right] = rawPair(AF_UNIX, SOCK_STREAM, 0);
    await using writing = SocketEnd.from(left);
    await using reading = SocketEnd.from(right);
    const writer = writing.writable.getWriter();
    const sent = writer.write(bytesOf(4_000_000)).then(() => writer.close());
    assert.equal(Buffer.compare(await readAll(reading, mode, 10_000), bytesOf(4_000_000)), 0);
    await sent;
  });

  test(`stream: chunks of random sizes arrive in order (${mode} reader)`, async () => {
    await using pair = socketpair();
    const writer = pair[0].writable.getWriter();
    const sent = bytesOf(3_000_000);
    for (let at = 0; at < sent.byteLength;) {
      const length = Math.floor(Math.random() ** 3 * 200_000);
      writer.write(sent.subarray(at, at + length)).catch(() => {});
      at += length;
    }
    const closing = writer.close();
    assert.equal(Buffer.compare(await readAll(pair[1], mode, 12_345), sent), 0);
    await closing;
  });

  test(`stream: a read that waits gets what comes first (${mode} reader)`, async () => {
    await using pair = socketpair();
    const reading = mode === "byob"
      ? pair[1].readable.getReader({ mode }).read(new Uint8Array(10))
      : pair[1].readable.getReader().read();
    await delay(5);
    const writer = pair[0].writable.getWriter();
    await writer.write(new Uint8Array([1, 2]));
    assert.deepEqual((await reading).value, new Uint8Array([1, 2]));
  });
}

test("stream: both directions carry large chunks at once", async () => {
  await using pair = socketpair();
  const chunks = await Promise.all(pair.map((end) => {
    const writer = end.writable.getWriter();
    return Promise.all([readAll(end, "default"), writer.write(bytesOf(2_000_000)).then(() => writer.close())]);
  }));
  for (const [received] of chunks) assert.equal(Buffer.compare(received, bytesOf(2_000_000)), 0);
});

test("stream: reads are of sizes 1, 2, 3 and so on, as they were asked for", async () => {
  await using pair = socketpair();
  await pair[0].writable.getWriter().write(bytesOf(5050));
  const reader = pair[1].readable.getReader({ mode: "byob" });
  const sizes: number[] = [];
  const received: Uint8Array[] = [];
  for (let size = 1; size <= 100; size += 1) {
    received.push((await reader.read(new Uint8Array(size))).value!);
    sizes.push(received.at(-1)!.byteLength);
  }
  assert.deepEqual(sizes, Array.from({ length: 100 }, (_, index) => index + 1));
  assert.equal(Buffer.compare(Buffer.concat(received), bytesOf(5050)), 0);
});

test("stream: several BYOB reads may wait at once and are filled in order", async () => {
  await using pair = socketpair();
  const reader = pair[1].readable.getReader({ mode: "byob" });
  const reads = Array.from({ length: 20 }, () => reader.read(new Uint8Array(10)));
  await pair[0].writable.getWriter().write(bytesOf(200));
  const views = await Promise.all(reads);
  assert.equal(Buffer.compare(Buffer.concat(views.map(({ value }) => value!)), bytesOf(200)), 0);
});

test("stream: a default reader's chunk has an ArrayBuffer of its own, at most 64 KiB, which may be transferred", async () => {
  await using pair = socketpair();
  await pair[0].writable.getWriter().write(bytesOf(100_000));
  const reader = pair[1].readable.getReader();
  const { value: chunk } = await reader.read();
  assert.deepEqual([chunk!.byteOffset, chunk!.byteLength, chunk!.buffer.byteLength], [0, 65_536, 65_536]);
  structuredClone(chunk, { transfer: [chunk!.buffer] });
  const { value: rest } = await reader.read();
  assert.equal(Buffer.compare(rest!, bytesOf(100_000).subarray(65_536)), 0);
});

test("stream: an empty chunk sends nothing and its write resolves", async () => {
  await using pair = socketpair();
  const writer = pair[0].writable.getWriter();
  const reader = pair[1].readable.getReader();
  for (const chunk of [new Uint8Array(0), [], [new ArrayBuffer(0)], new Uint8Array([1])]) await writer.write(chunk);
  assert.deepEqual((await reader.read()).value, new Uint8Array([1]));
  await writer.write(new Uint8Array(0));
  await writer.close();
  assert.equal((await reader.read()).done, true);
});
