/**
 * How structures that the kernel reads are written into memory, seen as 32-bit words. Offsets are in bytes.
 *
 * @module
 */

/** Writes an address, the low half first. */
export function setAddress(words: Uint32Array, offset: number, address: number): void {
  words[offset / 4] = address % 2 ** 32;
  words[offset / 4 + 1] = address / 2 ** 32;
}

/** Writes a `struct iovec { void *iov_base; size_t iov_len; }`. */
export function setVector(words: Uint32Array, offset: number, address: number, length: number): void {
  setAddress(words, offset, address);
  words[(offset + 8) / 4] = length;
  words[(offset + 12) / 4] = 0;
}
