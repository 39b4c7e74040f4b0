import { setAddress, setVector } from "./iovec.ts";
import type { Block, Libc } from "./libc.ts";
import { CONSTANTS, IOVEC_SIZE, LARGEST_RECORD, MADV_DONTNEED, MMSGHDR, MSGHDR } from "./systems/linux.ts";

/** How many records go into one call. More gains nothing that can be measured. */
export const SLOTS = 32;

const PAGE = 4096;
/** Every slot takes the largest record, so that none is ever cut. Untouched pages cost nothing. */
const SLOT_SIZE = Math.ceil(LARGEST_RECORD / PAGE) * PAGE;
/** A little more than the size: slots that begin whole pages apart would compete for the same cache lines. */
const STRIDE = SLOT_SIZE + 2 * 64;
/** Bytes of a slot that stay mapped. What a larger record has touched beyond is given back to the system. */
const KEEP = 64 * 1024;

/** Where things lie in the block, in bytes from its start. */
const LAYOUT = {
  receiveHeaders: 0,
  sendHeaders: SLOTS * MMSGHDR.size,
  receiveIov: 2 * SLOTS * MMSGHDR.size,
  sendIov: 2 * SLOTS * MMSGHDR.size + SLOTS * IOVEC_SIZE,
  slots: 2 * PAGE,
  size: 2 * PAGE + SLOTS * STRIDE,
} as const;

/**
 * Headers for recvmmsg and sendmmsg, prepared once, and a slot for each record that is received.
 *
 * @see {@link https://man7.org/linux/man-pages/man2/recvmmsg.2.html | recvmmsg(2)}
 */
export class Slots {
  readonly #libc: Libc;
  readonly #block: Block;
  readonly #words: Uint32Array;
  readonly #bytes: Uint8Array;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#block = libc.allocate(LAYOUT.size);
    this.#words = new Uint32Array(this.#block.buffer, 0, LAYOUT.slots / 4);
    this.#bytes = new Uint8Array(this.#block.buffer);
    const { address } = this.#block;
    for (let index = 0; index < SLOTS; index += 1) {
      this.#prepare(LAYOUT.receiveHeaders + index * MMSGHDR.size, LAYOUT.receiveIov + index * IOVEC_SIZE);
      this.#prepare(LAYOUT.sendHeaders + index * MMSGHDR.size, LAYOUT.sendIov + index * IOVEC_SIZE);
      setVector(
        this.#words,
        LAYOUT.receiveIov + index * IOVEC_SIZE,
        address + LAYOUT.slots + index * STRIDE,
        SLOT_SIZE,
      );
    }
  }

  /** Receives up to {@linkcode SLOTS} records. Gives what recvmmsg gives. */
  receive(fd: number, flags: number): number {
    return this.#libc.calls.recvmmsg(fd, this.#block.address + LAYOUT.receiveHeaders, SLOTS, flags, 0);
  }

  /** Sends the first `count` records that slots point at. Gives what sendmmsg gives. */
  send(fd: number, count: number, flags: number): number {
    return this.#libc.calls.sendmmsg(fd, this.#block.address + LAYOUT.sendHeaders, count, flags);
  }

  /** How many of the `count` messages received are records: after EOF, recvmmsg counts empty messages. */
  records(count: number): number {
    let records = 0;
    while (records < count && !this.#isEnd(records)) records += 1;
    return records;
  }

  /** The length of record `index` of those that were received. */
  length(index: number): number {
    return this.#words[(LAYOUT.receiveHeaders + index * MMSGHDR.size + MMSGHDR.length) / 4]!;
  }

  /**
   * Copies record `index` of those that were received.
   *
   * @throws {RangeError} If it was longer than a slot
   */
  copy(index: number, to: Uint8Array, offset: number): void {
    const begin = LAYOUT.slots + index * STRIDE;
    const length = this.length(index);
    if (length > SLOT_SIZE) {
      throw new RangeError(`Cannot receive a record of ${length} bytes: only ${SLOT_SIZE} bytes fit, the rest is lost`);
    }
    to.set(this.#bytes.subarray(begin, begin + length), offset);
    if (length > KEEP) this.#giveBack(begin, length);
  }

  /** Takes the first `count` records that were received, all in one buffer. */
  take(count: number): Uint8Array<ArrayBuffer>[] {
    let size = 0;
    for (let index = 0; index < count; index += 1) size += this.length(index);
    const bytes = new Uint8Array(size);
    const records = new Array<Uint8Array<ArrayBuffer>>(count);
    let offset = 0;
    for (let index = 0; index < count; index += 1) {
      const length = this.length(index);
      this.copy(index, bytes, offset);
      records[index] = new Uint8Array(bytes.buffer, offset, length);
      offset += length;
    }
    return records;
  }

  /** Points the header of record `index` to be sent at its bytes. */
  point(index: number, address: number, length: number): void {
    setVector(this.#words, LAYOUT.sendIov + index * IOVEC_SIZE, address, length);
  }

  /** An empty record has MSG_CTRUNC, EOF has not: see `receive` in syscalls.ts. */
  #isEnd(index: number): boolean {
    if (this.length(index) !== 0) return false;
    const flags = this.#words[(LAYOUT.receiveHeaders + index * MMSGHDR.size + MSGHDR.flags) / 4]!;
    return (flags & CONSTANTS.MSG_CTRUNC) === 0;
  }

  #giveBack(begin: number, length: number): void {
    const first = Math.ceil((this.#block.address + begin + KEEP) / PAGE) * PAGE;
    // Only pages that belong to this record entirely: madvise would also drop a partial last page.
    const end = Math.floor((this.#block.address + begin + length) / PAGE) * PAGE;
    if (end > first) this.#libc.calls.madvise(first, end - first, MADV_DONTNEED);
  }

  #prepare(header: number, iov: number): void {
    setAddress(this.#words, header + MSGHDR.iov, this.#block.address + iov);
    this.#words[(header + MSGHDR.iovlen) / 4] = 1;
  }
}
