import { type Chunk, socketpair } from "../../mod.ts";
import { assert, delay, test } from "../_support.ts";

/** An end with a writer whose next write of more than a few bytes has to wait, and what makes room for it. */
async function fullQueue(type: "stream" | "seqpacket") {
  const pair = socketpair({ type, sendBufferSize: 16_384 });
  const writer = pair[0].writable.getWriter();
  await writer.write(new Uint8Array(type === "stream" ? 20_000 : 30_000).fill(1));
  /** Reads until the end; what the first write sent is left out. */
  async function rest(): Promise<Uint8Array[]> {
    const chunks = await Array.fromAsync(pair[1].readable);
    return chunks.filter((chunk) => chunk[0] !== 1);
  }
  return { pair, writer, rest };
}

const SIZE = 30_000;

test("seqpacket: a buffer that is detached while its write waits fails the write, and nothing of it arrives", async () => {
  const { pair, writer, rest } = await fullQueue("seqpacket");
  await using _ = pair;
  const chunk = new Uint8Array(SIZE).fill(2);
  const writing = assert.rejects(writer.write(chunk), { name: "TypeError", message: /detached/ });
  await delay(5);
  structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
  assert.deepEqual(await rest(), []);
  await writing;
});

test("seqpacket: a part that is detached while its write waits fails the write, and nothing of it arrives", async () => {
  const { pair, writer, rest } = await fullQueue("seqpacket");
  await using _ = pair;
  const chunk = [new Uint8Array(SIZE / 2).fill(2), new Uint8Array(SIZE / 2).fill(2)] as const;
  const writing = assert.rejects(writer.write(chunk), { name: "TypeError", message: /detached/ });
  await delay(5);
  structuredClone(chunk[1].buffer, { transfer: [chunk[1].buffer] });
  assert.deepEqual(await rest(), []);
  await writing;
});

test("stream: a buffer that is detached in the middle of its write fails the write", async () => {
  await using pair = socketpair({ sendBufferSize: 16_384 });
  const writer = pair[0].writable.getWriter();
  const chunk = new Uint8Array(1_000_000).fill(2);
  const writing = assert.rejects(writer.write(chunk), { name: "TypeError", message: /detached/ });
  await delay(5);
  structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
  const received = (await Array.fromAsync(pair[1].readable)).flatMap((chunk) => [...chunk]);
  assert.ok(received.length > 0 && received.every((byte) => byte === 2), "what was sent before is sound");
  await writing;
});

test("seqpacket: a view that shrinks while its write waits fails the write, and nothing of it arrives", async () => {
  const { pair, writer, rest } = await fullQueue("seqpacket");
  await using _ = pair;
  const buffer = new ArrayBuffer(SIZE, { maxByteLength: SIZE });
  const writing = assert.rejects(writer.write(new Uint8Array(buffer).fill(2)), {
    name: "TypeError",
    message: /detached or shrunk/,
  });
  await delay(5);
  buffer.resize(5);
  assert.deepEqual(await rest(), []);
  await writing;
});

test("seqpacket: a view that goes out of bounds while its write waits fails the write", async () => {
  const { pair, writer, rest } = await fullQueue("seqpacket");
  await using _ = pair;
  const buffer = new ArrayBuffer(SIZE + 10, { maxByteLength: SIZE + 10 });
  const writing = assert.rejects(writer.write(new Uint8Array(buffer, 10, SIZE).fill(2)), TypeError);
  await delay(5);
  buffer.resize(5);
  // With the fault, the write succeeds and the direction stays open.
  writer.close().catch(() => {});
  assert.deepEqual(await rest(), []);
  await writing;
});

test("stream: a view that shrinks in the middle of its write fails the write", async () => {
  await using pair = socketpair({ sendBufferSize: 16_384 });
  const buffer = new ArrayBuffer(1_000_000, { maxByteLength: 2_000_000 });
  const writing = assert.rejects(pair[0].writable.getWriter().write(new Uint8Array(buffer)), {
    name: "TypeError",
    message: /detached or shrunk/,
  });
  await delay(5);
  buffer.resize(500_000);
  const received = await Array.fromAsync(pair[1].readable);
  assert.ok(received.reduce((sum, chunk) => sum + chunk.byteLength, 0) < 500_000);
  await writing;
});

test("stream: of a view that grows in the middle of its write what it was is sent", async () => {
  await using pair = socketpair({ sendBufferSize: 16_384 });
  const writer = pair[0].writable.getWriter();
  const buffer = new ArrayBuffer(1_000_000, { maxByteLength: 2_000_000 });
  const writing = writer.write(new Uint8Array(buffer)).then(() => writer.close());
  await delay(5);
  buffer.resize(1_500_000);
  const received = await Array.fromAsync(pair[1].readable);
  assert.equal(received.reduce((sum, chunk) => sum + chunk.byteLength, 0), 1_000_000);
  await writing;
});

test("stream: a chunk that is detached before a queued write's turn fails the write", async () => {
  const { pair, writer } = await fullQueue("stream");
  await using _ = pair;
  const chunk = new Uint8Array(100).fill(2);
  const writes = [new Uint8Array(SIZE), chunk].map((chunk: Chunk) => writer.write(chunk));
  structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
  const draining = Array.fromAsync(pair[1].readable);
  const [first, second] = await Promise.allSettled(writes);
  assert.deepEqual([first?.status, second?.status], ["fulfilled", "rejected"]);
  await draining;
});
