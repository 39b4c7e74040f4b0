/** The bytes of a view. Anything else would pass as an empty one. */
export function bytesOf(name: string, view: ArrayBufferView): Uint8Array {
  if (ArrayBuffer.isView(view)) return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  throw new TypeError(`Cannot use ${name}: it is not an ArrayBufferView`);
}
