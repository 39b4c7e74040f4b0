/** What can be written: bytes in any form, or several parts that belong together. */
export type Chunk = ArrayBufferView | ArrayBufferLike | readonly (ArrayBufferView | ArrayBufferLike)[];

/** What is received. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** The getters throw for anything but a buffer, of whatever realm: `instanceof` knows one realm only. */
const lengthOfBuffer = getter(ArrayBuffer.prototype);
const lengthOfShared = getter(SharedArrayBuffer.prototype);

/** The parts of a chunk as byte views, without copying. Views are taken anew at every call: memory may have moved on. */
export function partsOf(chunk: unknown): Uint8Array | Uint8Array[] {
  return Array.isArray(chunk) ? chunk.map((part) => bytesOf(part, "write")) : bytesOf(chunk, "write");
}

/**
 * The bytes of a view or a buffer, without copying.
 *
 * @param act What is to be done with them, for the error
 * @throws {TypeError} If it is neither, is detached, or is out of its buffer's bounds
 */
export function bytesOf(part: unknown, act: string): Uint8Array {
  if (part instanceof Uint8Array) return part.byteLength > 0 ? part : usable(part, act);
  if (ArrayBuffer.isView(part)) {
    usable(part, act);
    return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  }
  if (isBuffer(part)) {
    if (part.detached) throw new TypeError(`Cannot ${act} a buffer: it is detached`);
    return new Uint8Array(part);
  }
  if (isSharedBuffer(part)) return new Uint8Array(part);
  throw new TypeError(
    `Cannot ${act} ${
      nameOf(part)
    }: a chunk is an ArrayBufferView, an ArrayBuffer, a SharedArrayBuffer or an array of them`,
  );
}

/** Refuses a view that has lost its memory, which would otherwise pass as an empty one. */
function usable<View extends ArrayBufferView>(view: View, act: string): View {
  const { buffer } = view;
  if (isBuffer(buffer) && buffer.detached) throw new TypeError(`Cannot ${act} a view: its buffer is detached`);
  try {
    // An empty view of the whole buffer would be out of bounds just where the view itself is.
    void new Uint8Array(buffer, view.byteOffset, view.byteLength);
    if (view.byteLength === 0 && !inBounds(view)) throw new RangeError();
  } catch {
    throw new TypeError(`Cannot ${act} a view: it is out of its buffer's bounds`);
  }
  return view;
}

/** Both ways throw if the view is out of bounds. */
function inBounds(view: ArrayBufferView): boolean {
  if ("keys" in view) (view as Uint8Array).keys();
  else void view.byteLength;
  return true;
}

/** Whether a value is an ArrayBuffer, of whatever realm. */
export function isBuffer(value: unknown): value is ArrayBuffer {
  return answers(lengthOfBuffer, value);
}

/** Whether a value is a SharedArrayBuffer, of whatever realm. */
export function isSharedBuffer(value: unknown): value is SharedArrayBuffer {
  return answers(lengthOfShared, value);
}

function getter(prototype: object): (this: unknown) => unknown {
  return Object.getOwnPropertyDescriptor(prototype, "byteLength")!.get!;
}

function answers(get: (this: unknown) => unknown, value: unknown): boolean {
  try {
    get.call(value);
    return true;
  } catch {
    return false;
  }
}

/** How a value is called in an error. */
export function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "undefined";
  if (typeof value !== "object") return `a value of type ${typeof value}`;
  return `an object of type ${value.constructor?.name ?? "Object"}`;
}

/** The number of bytes in the parts. */
export function lengthOf(parts: Uint8Array | readonly Uint8Array[]): number {
  if (parts instanceof Uint8Array) return parts.byteLength;
  let length = 0;
  for (const part of parts) length += part.byteLength;
  return length;
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
export function joined(parts: Uint8Array | readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(lengthOf(parts));
  let offset = 0;
  for (const part of parts instanceof Uint8Array ? [parts] : parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}
