import type { Descriptor } from "../ffi/descriptor.ts";
import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import type { Received, Receiver } from "./_receiver.ts";

/** How much is received at once. */
const READ_SIZE = 64 * 1024;
const PREFIX_SIZE = 4;

/**
 * Takes records out of a byte stream in which each stands behind its length. Records that arrived together share a
 * buffer. Memory is taken as bytes arrive, not as they are announced.
 */
export class FrameReceiver implements Receiver<Uint8Array<ArrayBuffer>> {
  readonly #descriptor: Descriptor;
  readonly #limit: number;
  /** The bytes of `#buffer` from `#begin` to `#end` are received and not given out. */
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #view = new DataView(this.#buffer.buffer);
  #begin = 0;
  #end = 0;

  /**
   * @param limit The most bytes in a record
   * @param unread Bytes that an earlier owner of the descriptor had received
   */
  constructor(descriptor: Descriptor, limit: number, unread: readonly Uint8Array[]) {
    this.#descriptor = descriptor;
    this.#limit = limit;
    for (const bytes of unread) this.#replace(this.#end + bytes.byteLength, bytes);
  }

  receive(): Received<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const available = this.#end - this.#begin;
      let needed = PREFIX_SIZE;
      if (available >= PREFIX_SIZE) {
        const length = this.#view.getUint32(this.#begin, true);
        if (length > this.#limit) {
          throw new RangeError(`Cannot receive a record of ${length} bytes: the limit is ${this.#limit} bytes`);
        }
        needed += length;
        if (available >= needed) {
          const record = this.#buffer.subarray(this.#begin + PREFIX_SIZE, this.#begin + needed);
          this.#begin += needed;
          return record;
        }
      }
      const received = this.#receiveMore(needed);
      if (received === END && available > 0) {
        const missing = available < PREFIX_SIZE ? "its length" : `${needed} bytes with its length`;
        throw new Error(`Cannot receive a record: the peer ended after ${available} bytes of ${missing}`);
      }
      if (received === WOULD_BLOCK || received === END) return received;
    }
  }

  unread(delivered: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer>[] {
    const framed = delivered.map((record) => {
      const bytes = new Uint8Array(PREFIX_SIZE + record.byteLength);
      new DataView(bytes.buffer).setUint32(0, record.byteLength, true);
      bytes.set(record, PREFIX_SIZE);
      return bytes;
    });
    return this.#begin === this.#end ? framed : [...framed, this.#buffer.slice(this.#begin, this.#end)];
  }

  /**
   * Small records come by way of the scratch, into a buffer of just the size that arrived. A large one gets a buffer that
   * grows with it, at most to twice what has arrived, and is received straight into it.
   */
  #receiveMore(needed: number): number {
    const available = this.#end - this.#begin;
    if (needed <= READ_SIZE) {
      const received = this.#descriptor.receive(READ_SIZE);
      if (received > 0) this.#replace(available + received, this.#descriptor.scratch.subarray(0, received));
      return received;
    }
    if (this.#end === this.#buffer.byteLength) {
      this.#replace(Math.min(needed, Math.max(2 * available, READ_SIZE)), new Uint8Array(0));
    }
    const received = this.#descriptor.receiveInto(this.#buffer.subarray(this.#end));
    if (received > 0) this.#end += received;
    return received;
  }

  /** A new buffer: what is left of the old one, then `more`. Records that were given out keep the old one. */
  #replace(size: number, more: Uint8Array): void {
    const left = this.#buffer.subarray(this.#begin, this.#end);
    const buffer = new Uint8Array(size);
    buffer.set(left);
    buffer.set(more, left.byteLength);
    this.#buffer = buffer;
    this.#view = new DataView(buffer.buffer);
    this.#begin = 0;
    this.#end = left.byteLength + more.byteLength;
  }
}
