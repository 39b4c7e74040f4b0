import { type Chunk, socketpair, type SocketType } from "../../mod.ts";
import { Buffer } from "node:buffer";
import { assert, CONNECTED, test } from "../_support.ts";

/** Below and above what is copied before it is sent. */
const SIZES = [16, 100_000];

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) bytes[index] = index * 7 + (index >> 8);
  return bytes;
}

/** What arrives when one chunk is written. */
async function sendOne(type: SocketType, chunk: Chunk): Promise<Uint8Array> {
  await using pair = socketpair({ type });
  const writer = pair[0].writable.getWriter();
  const writing = writer.write(chunk).then(() => writer.close());
  const received = await Array.fromAsync(pair[1].readable);
  await writing;
  if (type === "seqpacket") assert.equal(received.length, 1, "one chunk is one record");
  return Buffer.concat(received);
}

const FORMS: Record<string, (bytes: Uint8Array<ArrayBuffer>) => Chunk> = {
  "Int8Array": ({ buffer }) => new Int8Array(buffer),
  "Uint8Array": (bytes) => bytes,
  "Uint8ClampedArray": ({ buffer }) => new Uint8ClampedArray(buffer),
  "Int16Array": ({ buffer }) => new Int16Array(buffer),
  "Uint16Array": ({ buffer }) => new Uint16Array(buffer),
  "Int32Array": ({ buffer }) => new Int32Array(buffer),
  "Uint32Array": ({ buffer }) => new Uint32Array(buffer),
  "Float16Array": ({ buffer }) => new Float16Array(buffer),
  "Float32Array": ({ buffer }) => new Float32Array(buffer),
  "Float64Array": ({ buffer }) => new Float64Array(buffer),
  "BigInt64Array": ({ buffer }) => new BigInt64Array(buffer),
  "BigUint64Array": ({ buffer }) => new BigUint64Array(buffer),
  "DataView": ({ buffer }) => new DataView(buffer),
  "Buffer": (bytes) => Buffer.from(bytes),
  "ArrayBuffer": ({ buffer }) => buffer,
  "ArrayBuffer that is resizable": (bytes) => resizable(bytes),
  "SharedArrayBuffer": (bytes) => shared(bytes).buffer,
  "SharedArrayBuffer that is growable": (bytes) => {
    const view = new Uint8Array(new SharedArrayBuffer(bytes.byteLength, { maxByteLength: 2 * bytes.byteLength }));
    view.set(bytes);
    return view.buffer;
  },
  "Uint8Array of a SharedArrayBuffer": (bytes) => shared(bytes),
  "Float64Array of a SharedArrayBuffer": (bytes) => new Float64Array(shared(bytes).buffer),
  "Uint8Array that tracks a resizable buffer's length": (bytes) => new Uint8Array(resizable(bytes)),
  "DataView that tracks a resizable buffer's length": (bytes) => new DataView(resizable(bytes)),
  "Uint8Array of fixed length in a resizable buffer": (bytes) => new Uint8Array(resizable(bytes), 0, bytes.byteLength),
  "Uint8Array in the middle of a buffer": (bytes) => {
    const around = new Uint8Array(bytes.byteLength + 20).fill(255);
    around.set(bytes, 7);
    return around.subarray(7, 7 + bytes.byteLength);
  },
  "Uint32Array in the middle of a buffer": (bytes) => {
    const around = new Uint8Array(bytes.byteLength + 20).fill(255);
    around.set(bytes, 8);
    return new Uint32Array(around.buffer, 8, bytes.byteLength / 4);
  },
  "array of one": (bytes) => [bytes],
  "array of halves": (bytes) => [bytes.subarray(0, bytes.byteLength / 2), bytes.subarray(bytes.byteLength / 2)],
  "array of all kinds": (bytes) => [
    new Int16Array(bytes.buffer, 0, 2),
    bytes.slice(4, 8).buffer,
    shared(bytes.subarray(8, 12)).buffer,
    new Uint8Array(0),
    shared(bytes.subarray(12, 14)),
    new DataView(resizable(bytes), 14),
  ],
};

function resizable(bytes: Uint8Array): ArrayBuffer {
  const view = new Uint8Array(new ArrayBuffer(bytes.byteLength, { maxByteLength: 2 * bytes.byteLength }));
  view.set(bytes);
  return view.buffer;
}

function shared(bytes: Uint8Array): Uint8Array<SharedArrayBuffer> {
  const view = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  view.set(bytes);
  return view;
}

for (const [form, make] of Object.entries(FORMS)) {
  test(`write() takes as a chunk: ${form}`, async () => {
    for (const type of CONNECTED) {
      for (const size of SIZES) {
        assert.equal(Buffer.compare(await sendOne(type, make(bytesOf(size))), bytesOf(size)), 0, `${type} ${size}`);
      }
    }
  });
}

test("write() takes a length-tracking view as long as it is when it is written", async () => {
  for (const type of CONNECTED) {
    const buffer = new ArrayBuffer(10, { maxByteLength: 40 });
    const view = new Uint8Array(buffer);
    buffer.resize(30);
    assert.equal((await sendOne(type, view)).byteLength, 30);
    buffer.resize(4);
    assert.equal((await sendOne(type, view)).byteLength, 4);
  }
});

/** Cuts bytes into parts of those sizes, over and over. */
function cut(bytes: Uint8Array<ArrayBuffer>, sizes: number[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const size = sizes[parts.length % sizes.length]!;
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return parts;
}

const CUTS: [string, number, number[]][] = [
  ["20000 parts of 1 byte", 20_000, [1]],
  ["1023 parts of 100 bytes", 102_300, [100]],
  ["1024 parts of 100 bytes", 102_400, [100]],
  ["1025 parts of 100 bytes", 102_500, [100]],
  ["parts larger and smaller than what is copied", 200_000, [5000, 10, 4096, 4097, 1]],
  ["empty parts between others", 200_000, [0, 5000, 0, 0, 10]],
];

for (const [what, length, sizes] of CUTS) {
  test(`write() makes one record of ${what}`, async () => {
    const parts = cut(bytesOf(length), sizes);
    assert.equal(Buffer.compare(await sendOne("seqpacket", parts), bytesOf(length)), 0);
  });
}

test("write() sends more large parts than one call takes", async () => {
  const parts = cut(bytesOf(1100 * 5000), [5000]);
  assert.equal(Buffer.compare(await sendOne("stream", parts), bytesOf(1100 * 5000)), 0);
});

test("write() sends parts on a stream as one run of bytes, whatever the kernel takes at once", async () => {
  const parts = cut(bytesOf(12_000_000), [1, 5000, 300_000, 100, 0, 4096]);
  assert.equal(Buffer.compare(await sendOne("stream", parts), bytesOf(12_000_000)), 0);
});
