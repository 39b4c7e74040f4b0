/** Bytes that look random, and the same ones again for the same number: what is sent can be told from what comes. */

const POOL = new Uint8Array(1 << 23);
let state = 0x9e3779b9;
for (let index = 0; index < POOL.length; index += 1) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  POOL[index] = state;
}

/** `length` bytes, at most 6 MiB, the first of which is the number's own. */
export function noise(length: number, id: number): Uint8Array<ArrayBuffer> {
  const offset = (id * 7919) % (1 << 21);
  const bytes = POOL.slice(offset, offset + length);
  if (length > 0) bytes[0] = id;
  return bytes;
}

/** Whether two views hold the same bytes. */
export function same(left: Uint8Array, right: Uint8Array): boolean {
  if (left.byteLength !== right.byteLength) return false;
  for (let index = 0; index < left.byteLength; index += 1) if (left[index] !== right[index]) return false;
  return true;
}
