import { type Chunk, socketpair } from "../../mod.ts";
import { assert, test, TYPES } from "../_support.ts";

const STRING = "a value of type string";

/** An error whose message says what came instead of bytes. */
function saying(what: string): { name: string; message: string } {
  return {
    name: "TypeError",
    message: what === STRING
      ? `Cannot write ${what}: encode it with new TextEncoder().encode(text)`
      : `Cannot write ${what}: a chunk is an ArrayBufferView, an ArrayBuffer, a SharedArrayBuffer or an array of them`,
  };
}

const NO_CHUNKS: [string, unknown, string][] = [
  ["a string", "text", STRING],
  ["a number", 5, "a value of type number"],
  ["a bigint", 5n, "a value of type bigint"],
  ["a boolean", true, "a value of type boolean"],
  ["undefined", undefined, "undefined"],
  ["a symbol", Symbol("chunk"), "a value of type symbol"],
  ["a function", () => {}, "a value of type function"],
  ["null", null, "null"],
  ["an object", { byteLength: 3 }, "an object of type Object"],
  ["an object without a prototype", Object.create(null), "an object of type Object"],
  ["a Blob", new Blob(["text"]), "an object of type Blob"],
  ["an array of numbers", [1, 2, 3], "a value of type number"],
  ["an array with a string behind bytes", [new Uint8Array(3), "text"], STRING],
  ["an array of arrays", [[new Uint8Array(3)]], "an object of type Array"],
];

for (const [name, value, what] of NO_CHUNKS) {
  test(`write() refuses ${name} and says what came`, async () => {
    for (const type of TYPES) {
      await using pair = socketpair({ type });
      const writer = pair[0].writable.getWriter();
      await assert.rejects(writer.write(value as Chunk), saying(what), type);
    }
  });
}

test("write() of what is no chunk sends nothing of it, and what came before arrives", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const writer = pair[0].writable.getWriter();
  await writer.write(new Uint8Array([1]));
  await assert.rejects(writer.write([new Uint8Array([2]), "text"] as unknown as Chunk), TypeError);
  assert.deepEqual(await Array.fromAsync(pair[1].readable), [new Uint8Array([1])]);
});

test("write() of what is no chunk fails the direction, its writer and the end's closed with the same error", async () => {
  await using pair = socketpair();
  const writer = pair[0].writable.getWriter();
  const error = await writer.write("text" as unknown as Chunk).catch((error) => error);
  assert.equal(await writer.closed.catch((error) => error), error);
  assert.equal(await writer.write(new Uint8Array(1)).catch((error) => error), error);
  assert.equal(await pair[0].closed.catch((error) => error), error);
});

function detached(size: number): ArrayBuffer {
  const buffer = new ArrayBuffer(size);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

/** A view whose buffer is detached behind its back. */
function detachedView(size: number): Uint8Array<ArrayBuffer> {
  const view = new Uint8Array(size);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

/** A view that a resize has left beyond its buffer's end. */
function stranded(): Uint8Array<ArrayBuffer> {
  const buffer = new ArrayBuffer(100, { maxByteLength: 100 });
  const view = new Uint8Array(buffer, 50, 50);
  buffer.resize(60);
  return view;
}

const GONE: [string, () => Chunk, RegExp][] = [
  ["a buffer that is detached", () => detached(10), /detached/],
  ["an empty buffer that is detached", () => detached(0), /detached/],
  ["a view of a detached buffer", () => detachedView(10), /detached/],
  ["a large view of a detached buffer", () => detachedView(100_000), /detached/],
  ["a detached view among others", () => [new Uint8Array(3), detachedView(10)], /detached/],
  ["a view that is out of its buffer's bounds", () => stranded(), /bounds/],
  ["a DataView that is out of its buffer's bounds", () => {
    const buffer = new ArrayBuffer(100, { maxByteLength: 100 });
    const view = new DataView(buffer, 50, 50);
    buffer.resize(60);
    return view;
  }, /bounds/],
  ["a Float64Array that is out of its buffer's bounds", () => {
    const buffer = new ArrayBuffer(80, { maxByteLength: 80 });
    const view = new Float64Array(buffer, 40, 5);
    buffer.resize(40);
    return view;
  }, /bounds/],
];

for (const [name, make, message] of GONE) {
  test(`write() refuses ${name}`, async () => {
    for (const type of TYPES) {
      await using pair = socketpair({ type });
      await assert.rejects(pair[0].writable.getWriter().write(make()), { name: "TypeError", message }, type);
    }
  });
}
