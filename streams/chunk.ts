import { byteLengthOf, bytesOfBuffer, bytesOfView, EMPTY } from "../ffi/views.ts";

/** What can be written: bytes in any form, or several parts that belong together. */
export type Chunk = ArrayBufferView | ArrayBufferLike | readonly (ArrayBufferView | ArrayBufferLike)[];

/** What is received. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A chunk as views of ours: see {@linkcode bytesOf}. */
export type Parts = Uint8Array | readonly Uint8Array[];

/** The parts of a chunk as byte views, without copying. An array's elements are read once. */
export function partsOf(chunk: unknown): Parts {
  if (!Array.isArray(chunk)) return bytesOf(chunk, "write");
  const { length } = chunk;
  const parts: Uint8Array[] = [];
  for (let index = 0; index < length; index += 1) parts.push(bytesOf(chunk[index], "write"));
  return parts;
}

/**
 * The bytes of a view or a buffer as a view of ours, without copying: of fixed length, and of no class of the caller's.
 *
 * @param act What is to be done with them, for the error
 * @throws {TypeError} If it is neither, is detached, or is out of its buffer's bounds
 */
export function bytesOf(part: unknown, act: string): Uint8Array {
  if (ArrayBuffer.isView(part)) return bytesOfView(part, act);
  const bytes = bytesOfBuffer(part, act);
  if (bytes !== undefined) return bytes;
  const what = nameOf(part);
  if (act !== "write") throw new TypeError(`Cannot ${act} ${what}: it takes a buffer, as new Uint8Array(65536)`);
  const cure = typeof part === "string"
    ? "encode it with new TextEncoder().encode(text)"
    : "a chunk is an ArrayBufferView, an ArrayBuffer, a SharedArrayBuffer or an array of them";
  throw new TypeError(`Cannot write ${what}: ${cure}`);
}

/** How a value is called in an error. */
export function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "undefined";
  if (typeof value !== "object") return `a value of type ${typeof value}`;
  return `an object of type ${value.constructor?.name ?? "Object"}`;
}

/**
 * The number of bytes in the parts.
 *
 * @throws {TypeError} If the memory of one has gone since they were taken
 */
export function lengthOf(parts: Parts): number {
  if (parts instanceof Uint8Array) return lengthOfPart(parts);
  let length = 0;
  for (const part of parts) length += lengthOfPart(part);
  return length;
}

function lengthOfPart(part: Uint8Array): number {
  const byteLength = byteLengthOf(part);
  if (byteLength === 0 && part !== EMPTY) {
    throw new TypeError("Cannot write a chunk: its buffer was detached or shrunk before the kernel had all of it");
  }
  return byteLength;
}

/** What is left of the parts after the first `taken` bytes. */
export function restOf(parts: readonly Uint8Array[], taken: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let skip = taken;
  for (const part of parts) {
    if (skip < part.byteLength) rest.push(skip === 0 ? part : part.subarray(skip));
    skip = Math.max(0, skip - part.byteLength);
  }
  return rest;
}

/** A copy of all parts, one behind the other. */
export function joined(parts: Parts): Uint8Array {
  const length = lengthOf(parts);
  if (length === 0) return EMPTY;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts instanceof Uint8Array ? [parts] : parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}
