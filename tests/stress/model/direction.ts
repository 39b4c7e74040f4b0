/** One direction of a pair as it should be: what was written, in order, and how much of it has been read. */

import { same } from "./noise.ts";
import type { Owner } from "./side.ts";

/** The real thing did what the model forbids. */
export class Violation extends Error {
  override name = "Violation";
}

/** One chunk that was written. */
export interface Write {
  readonly index: number;
  /** The bytes, or one part a record. */
  readonly parts: readonly Uint8Array[];
  /** How many there are of what is counted: bytes or records. */
  readonly total: number;
  readonly bytes: number;
  readonly owner: Owner;
  /** What is wrong with it. */
  readonly flaw: "none" | "junk" | "too much";
  /** Whether it had to fail from the start. */
  readonly doomed: boolean;
  /** Whether a call wrote it, and not the stream's writer. */
  readonly call: boolean;
  /** Whether the writer was asked to close before: a call may still go before that or not. */
  readonly late: boolean;
  /** Whether nothing was under way before it. */
  readonly first: boolean;
  /**
   * - `"taken"`: its promise has resolved.
   * - `"cut"`: it failed with the direction. A part may have gone, and nothing after it.
   * - `"void"`: nothing of it goes.
   * - `"either"`: its call was ended while it waited. It goes whole or not at all.
   */
  state: "pending" | "taken" | "cut" | "void" | "either";
  /** Whether flush() has told that the kernel has it. */
  flushed: boolean;
  /** How many of `total` have been read. */
  read: number;
}

/** What a chunk is, as it is written. */
export type WriteOf = Pick<Write, "owner" | "parts" | "flaw" | "doomed" | "call" | "late">;

/** What was written to one end and is to be read at the other. */
export class Direction {
  readonly writes: Write[] = [];
  /** Whether the reader has refused what is left. */
  discarded = false;
  readonly #ofBytes: boolean;
  /** All writes before this one are read or were refused. */
  #first = 0;

  /** @param ofBytes Whether this is a stream of bytes, without boundaries */
  constructor(ofBytes: boolean) {
    this.#ofBytes = ofBytes;
  }

  /** Notes a write. */
  add(written: WriteOf): Write {
    const { parts, flaw } = written;
    const bytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    const total = flaw !== "none" ? 0 : this.#ofBytes ? bytes : parts.length;
    const first = this.unread().length === 0 && this.head() === undefined;
    const index = this.writes.length;
    const write: Write = { ...written, index, total, bytes, first, state: "pending", flushed: false, read: 0 };
    this.writes.push(write);
    return write;
  }

  /** What is written and can still be read, in order. */
  unread(): Write[] {
    return this.discarded ? [] : this.#unread();
  }

  #unread(): Write[] {
    const over = ({ state, read, total }: Write) => state === "void" || (read === total && state !== "pending");
    while (this.#first < this.writes.length && over(this.writes[this.#first]!)) this.#first += 1;
    return this.writes.slice(this.#first).filter(({ state, read, total }) => state !== "void" && read < total);
  }

  /** The first write that has not settled, of this owner or of any. */
  head(by?: Owner): Write | undefined {
    return this.writes.slice(this.#first).find(({ state, owner }) => state === "pending" && (by ?? owner) === owner);
  }

  /** Whether something may still be under way of a call that was ended. */
  get lingers(): boolean {
    return this.#unread().some(({ state }) => state === "either");
  }

  /**
   * How many bytes were written before `write` and are not read.
   *
   * @param most Whether what may have gone counts
   */
  ahead(write: Pick<Write, "index">, most: boolean): number {
    let sum = 0;
    for (const other of this.unread()) {
      if (other.index >= write.index) break;
      if (other.state === "cut" || (other.state === "either" && !most)) continue;
      sum += this.left(other);
    }
    return sum;
  }

  /** How many bytes of a write are not read. */
  left({ parts, bytes, read }: Write): number {
    return this.#ofBytes ? bytes - read : parts.slice(read).reduce((sum, part) => sum + part.byteLength, 0);
  }

  /** The records that may be the next to be read. */
  next(): Uint8Array[] {
    const found: Uint8Array[] = [];
    for (const { parts, read, state } of this.unread()) {
      found.push(parts[read]!);
      if (state !== "either") break;
    }
    return found;
  }

  /** Checks what was read. */
  accept(chunk: Uint8Array): void {
    if (!this.#ofBytes) return this.#acceptRecord(chunk);
    for (let offset = 0; offset < chunk.byteLength;) {
      const write = this.#readable((first) => bytesAt(first.parts, 0, 1)[0] === chunk[offset]);
      if (write === undefined) throw new Violation(`${chunk.byteLength - offset} bytes were read that nothing wrote`);
      const most = write.total - write.read - (write.state === "cut" ? 1 : 0);
      const length = Math.min(chunk.byteLength - offset, most);
      this.#compare(chunk.subarray(offset, offset + length), bytesAt(write.parts, write.read, length));
      write.read += length;
      offset += length;
    }
  }

  #acceptRecord(record: Uint8Array): void {
    const write = this.#readable(({ parts }) => same(parts[0]!, record));
    if (write === undefined) throw new Violation(`a record of ${record.byteLength} bytes was read that nothing wrote`);
    this.#compare(record, write.parts[write.read]!);
    write.read += 1;
  }

  /**
   * What must be the next to be read. Of a chunk that failed with the direction at most a part may have gone, but nothing after
   * it. One that may have gone is known by its beginning.
   */
  #readable(begins: (write: Write) => boolean): Write | undefined {
    const unread = this.#unread();
    while (unread[0]?.state === "either" && unread[0].read === 0 && !begins(unread[0])) unread.shift()!.state = "void";
    const [first] = unread;
    return first?.state === "cut" && first.read >= first.total - 1 ? undefined : first;
  }

  #compare(received: Uint8Array, written: Uint8Array): void {
    if (same(received, written)) return;
    throw new Violation(`${received.byteLength} bytes were read that are not the next ${written.byteLength} written`);
  }
}

function bytesAt(parts: readonly Uint8Array[], from: number, length: number): Uint8Array {
  if (parts.length === 1) return parts[0]!.subarray(from, from + length);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.byteLength;
  }
  return bytes.subarray(from, from + length);
}
