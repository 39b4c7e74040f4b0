import { type Bytes, SocketEnd, type SocketPair, socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { assert, delay, run, stdioOf, test } from "../_support.ts";

const framed = { type: "stream", framing: "uint32le" } as const;
/** Around the buffer's size, with its prefix, and beyond it. */
const SIZES = [0, 1, 2, 0, 65_531, 65_532, 65_533, 65_536, 200_000, 3, 1_000_000, 0];

async function all<T>(readable: ReadableStream<T>): Promise<T[]> {
  return await Array.fromAsync(readable);
}

async function writeAll({ 0: left }: SocketPair, records: readonly Uint8Array[]): Promise<void> {
  const writer = left.writable.getWriter();
  for (const record of records) await writer.write(record);
  await writer.close();
}

/** What goes over the wire for some records. */
function encoded(...records: Uint8Array[]): Uint8Array {
  return Buffer.concat(records.flatMap((record) => {
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32LE(record.byteLength);
    return [prefix, record];
  }));
}

test("framing keeps records of every size, empty ones included", async () => {
  await using pair = socketpair(framed);
  const records = SIZES.map((size) => new Uint8Array(randomBytes(size)));
  const [received] = await Promise.all([all(pair[1].readable), writeAll(pair, records)]);
  assert.deepEqual(received.map(({ byteLength }) => byteLength), SIZES);
  for (const [index, record] of records.entries()) assert.ok(Buffer.from(record).equals(received[index]!));
});

test("framing copies at most an eighth of a long record while it arrives, whatever its length", async () => {
  const { set } = Uint8Array.prototype;
  for (const size of [2 ** 21 - 5, 2 ** 21 - 4, 2 ** 21 - 3, 2 ** 21, 3_000_000]) {
    await using pair = socketpair(framed);
    let copied = 0;
    Uint8Array.prototype.set = function (source, offset) {
      copied += source.length;
      return set.call(this, source, offset);
    };
    try {
      const [received] = await Promise.all([all(pair[1].readable), writeAll(pair, [new Uint8Array(size)])]);
      assert.equal(received[0]!.byteLength, size);
    } finally {
      Uint8Array.prototype.set = set;
    }
    assert.ok(copied <= size / 8, `${copied} of ${size} bytes were copied`);
  }
});

test("framing puts each record behind its length in 4 bytes, little-endian", async () => {
  const [left, right] = socketpair(framed);
  await left.writable.getWriter().write(new Uint8Array([7, 8, 9]));
  await left.close();
  await using raw = SocketEnd.from(right.detach().fd);
  assert.deepEqual(await all(raw.readable), [new Uint8Array([3, 0, 0, 0, 7, 8, 9])]);
});

test("framing gathers what is written in one turn into few chunks of the stream", async () => {
  const [left, right] = socketpair(framed);
  const writer = left.writable.getWriter();
  for (let index = 0; index < 500; index += 1) void writer.write(new Uint8Array(60));
  await left.close();
  await using raw = SocketEnd.from(right.detach().fd);
  const chunks = await all(raw.readable);
  assert.equal(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0), 500 * 64);
  assert.ok(chunks.length <= 3, `${chunks.length} chunks`);
});

test("framing sends what was written when the writer pauses, without being asked to", async () => {
  await using pair = socketpair(framed);
  const reading = pair[1].readable.getReader().read();
  await pair[0].writable.getWriter().write(new Uint8Array([1]));
  assert.deepEqual((await reading).value, new Uint8Array([1]));
});

test("framing lets a writer run ahead of a reader by its buffer and SO_SNDBUF only", async () => {
  await using pair = socketpair({ ...framed, sendBufferSize: 16_384 });
  const writer = pair[0].writable.getWriter();
  let taken = 0;
  const writing = (async () => {
    for (let index = 0; index < 1000; index += 1) {
      await writer.write(new Uint8Array(1000));
      taken += 1000;
    }
  })();
  await delay(50);
  assert.ok(taken > 60_000 && taken < 65_536 + 2 * 65_536, `${taken} bytes were taken`);
  const reader = pair[1].readable.getReader();
  for (let index = 0; index < 1000; index += 1) assert.equal((await reader.read()).value!.byteLength, 1000);
  await writing;
});

test("framing refuses a record over maxRecordSize on the way out", async () => {
  await using pair = socketpair({ ...framed, maxRecordSize: 10 });
  const writer = pair[0].writable.getWriter();
  await writer.write(new Uint8Array(10));
  await assert.rejects(writer.write(new Uint8Array(11)), {
    name: "RangeError",
    message: /11 bytes.*maxRecordSize is 10$/,
  });
});

test("framing refuses an announced record over maxRecordSize, after those before it", async () => {
  const [left, right] = socketpair({ type: "stream" });
  await left.writable.getWriter().write(Buffer.concat([encoded(new Uint8Array(2)), Buffer.alloc(4, 255)]));
  const end = SocketEnd.from(right.detach().fd, { framing: "uint32le", maxRecordSize: 1000 });
  const reader = end.readable.getReader();
  assert.deepEqual((await reader.read()).value, new Uint8Array(2));
  await assert.rejects(reader.read(), { name: "FramingError", message: /4294967295 bytes.*maxRecordSize is 1000$/ });
  end[Symbol.dispose]();
  left[Symbol.dispose]();
});

test("framing says where a peer ended that ends in the middle of a record", async () => {
  const [left, right] = socketpair({ type: "stream" });
  const writer = left.writable.getWriter();
  await writer.write(encoded(new Uint8Array(100)).subarray(0, 50));
  await left.close();
  await using end = SocketEnd.from(right.detach().fd, { framing: "uint32le" });
  await assert.rejects(end.readable.getReader().read(), { message: /ended after 50 bytes of 104/ });
});

test("framing and batches give all the records that are there as one chunk", async () => {
  await using pair = socketpair({ ...framed, chunks: "batches" });
  const records = Array.from({ length: 3000 }, (_, index) => new Uint8Array([index & 255, index >> 8]));
  const writer = pair[0].writable.getWriter();
  const [batches] = await Promise.all([
    all(pair[1].readable),
    writer.write(records).then(() => writer.close()),
  ]);
  assert.deepEqual(batches.flat(), records);
  assert.ok(batches.length < 20, `${batches.length} batches`);
});

for (const type of ["seqpacket", "dgram"] as const) {
  test(`batches on ${type} keep records, empty ones included, and wait for room in the middle`, async () => {
    await using pair = socketpair({ type, chunks: "batches" });
    const records = Array.from({ length: 1000 }, (_, index) => new Uint8Array(index % 7).fill(index));
    const writing = pair[0].writable.getWriter().write(records);
    const received: Bytes[] = [];
    const reader = pair[1].readable.getReader();
    while (received.length < records.length) received.push(...(await reader.read()).value!);
    await writing;
    assert.deepEqual(received, records);
  });
}

for (const options of [framed, { type: "seqpacket" }] as const) {
  test(`batches take no further record from 1 MiB on: ${"framing" in options ? "framing" : "seqpacket"}`, async () => {
    await using pair = socketpair({ ...options, chunks: "batches" });
    // The reader makes room, into which the writer sends while the reader reads.
    const writing = pair[0].writable.getWriter().write(Array.from({ length: 100 }, () => new Uint8Array(100_000)));
    const reader = pair[1].readable.getReader();
    for (let count = 0; count < 100;) {
      const { value } = await reader.read();
      assert.ok(value!.length <= 11, `${value!.length} records of 100,000 bytes`);
      count += value!.length;
    }
    await writing;
  });
}

const python = (await run("python3", ["--version"]).catch(() => undefined))?.code === 0;

test("framing speaks with a program in Python", async () => {
  const [ours, theirs] = socketpair(framed);
  const script = fileURLToPath(new URL("../peers/framing.py", import.meta.url));
  const child = spawn("python3", [script], { stdio: stdioOf({ 3: theirs }) });
  const exit = new Promise((resolve) => child.on("exit", (...how) => resolve(how)));
  const records = SIZES.map((size) => new Uint8Array(randomBytes(size)));
  const [answers] = await Promise.all([
    all(ours.readable),
    (async () => {
      const writer = ours.writable.getWriter();
      for (const record of records) await writer.write(record);
      await writer.close();
    })(),
  ]);
  for (const [index, record] of records.entries()) assert.ok(Buffer.from(record.reverse()).equals(answers[index]!));
  assert.equal(new TextDecoder().decode(answers.at(-1)), String(records.length));
  assert.deepEqual(await exit, [0, null]);
}, { skip: python ? false : "python3 is not installed" });
