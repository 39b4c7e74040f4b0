/** What can be written: bytes in any form, or several parts that belong together. */
export type Chunk = ArrayBufferView | ArrayBufferLike | readonly (ArrayBufferView | ArrayBufferLike)[];

/** The parts of a chunk as byte views, without copying. Views are taken anew at every call: memory may have moved on. */
export function partsOf(chunk: unknown): Uint8Array | Uint8Array[] {
  return Array.isArray(chunk) ? chunk.map(bytesOf) : bytesOf(chunk);
}

function bytesOf(part: unknown): Uint8Array {
  if (part instanceof Uint8Array) return part.byteLength > 0 ? part : usable(part);
  if (ArrayBuffer.isView(part)) {
    usable(part);
    return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  }
  if (part instanceof ArrayBuffer) {
    if (part.detached) throw new TypeError("Cannot write a buffer: it is detached");
    return new Uint8Array(part);
  }
  if (part instanceof SharedArrayBuffer) return new Uint8Array(part);
  throw new TypeError(
    `Cannot write ${
      nameOf(part)
    }: a chunk is an ArrayBufferView, an ArrayBuffer, a SharedArrayBuffer or an array of them`,
  );
}

/** Refuses a view that has lost its memory, which would otherwise pass as an empty one. */
function usable<View extends ArrayBufferView>(view: View): View {
  const { buffer } = view;
  if (buffer instanceof ArrayBuffer && buffer.detached) {
    throw new TypeError("Cannot write a view: its buffer is detached");
  }
  try {
    // Both throw if the view is out of bounds.
    if (view instanceof DataView) void view.byteLength;
    else (view as unknown as Uint8Array).keys();
  } catch {
    throw new TypeError("Cannot write a view: it is out of its buffer's bounds");
  }
  return view;
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
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
export function restOf(parts: Uint8Array | readonly Uint8Array[], taken: number): Uint8Array | Uint8Array[] {
  if (parts instanceof Uint8Array) return parts.subarray(taken);
  const rest: Uint8Array[] = [];
  let skip = taken;
  for (const part of parts) {
    if (skip < part.byteLength) rest.push(skip === 0 ? part : part.subarray(skip));
    skip = Math.max(0, skip - part.byteLength);
  }
  return rest;
}
