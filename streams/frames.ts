import { CHUNK, isSpent, spend } from "../ffi/budget.ts";
import { uninitialized } from "../ffi/host.ts";
import type { Socket } from "../ffi/socket.ts";
import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import { lengthOfBytes } from "../ffi/views.ts";
import { type Bytes, bytesOf, type Chunk, lengthOf, type Parts, partsOf, restOf } from "./chunk.ts";
import type { Nothing, Receiver, Sender } from "./_format.ts";
import { Unread } from "./_unread.ts";
import { FramingError } from "./framing_error.ts";
import { type Framing, Prefix } from "./prefix.ts";
import { readGiven, tooLong } from "./records.ts";

/** How much is received or sent with one call, at most, unless one record is longer. */
const BUFFER_SIZE = 64 * 1024;
/** With less room than this left a buffer is not received into again. */
const LEAST_ROOM = 4096;
/**
 * How much larger than what has arrived the buffer of a long record may be. Pages that are not touched take no memory, and copying
 * into new ones is dear: to double the buffer kept timers waiting for half a second.
 */
const GROWTH = 32;
/** The most records in one batch, so that other work gets its turn. */
const BATCH_MAX = 1024;

/**
 * Takes records out of a byte stream in which each stands behind its length. Records that arrived together share a
 * buffer. Memory is taken as bytes arrive, not as they are announced.
 */
export class FrameReceiver implements Receiver<Bytes> {
  readonly #socket: Socket;
  readonly #prefix: Prefix;
  readonly #limit: number;
  readonly #unread = new Unread<Bytes>([]);
  /** The bytes of the buffer from `#begin` to `#end` are received and not given out. */
  #buffer: Bytes = new Uint8Array(0);
  #view = new DataView(this.#buffer.buffer);
  #begin = 0;
  #end = 0;

  /**
   * @param limit The most bytes in a record
   * @param unread Bytes that an earlier owner of the descriptor had received
   */
  constructor(socket: Socket, framing: Framing, limit: number, unread: readonly Uint8Array[]) {
    this.#socket = socket;
    this.#prefix = new Prefix(framing);
    this.#limit = Math.min(limit, this.#prefix.max);
    this.#renew(unread.reduce((length, bytes) => length + bytes.byteLength, 0));
    for (const bytes of unread) {
      this.#buffer.set(bytes, this.#end);
      this.#end += bytes.byteLength;
    }
  }

  next(): Bytes | Nothing {
    if (!this.#unread.isEmpty) return this.#unread.take()!;
    const length = this.#announced();
    if (length === WOULD_BLOCK || length === END) return length;
    return this.#take(length);
  }

  read(view: Uint8Array): number | Nothing {
    if (!this.#unread.isEmpty) return readGiven(this.#unread, view);
    const length = this.#announced();
    if (length === WOULD_BLOCK || length === END) return length;
    if (length > view.byteLength) throw new RangeError(tooLong(length, view));
    view.set(this.#take(length));
    return length;
  }

  /** The records that are there whole, once the first of them is. */
  nextBatch(): Bytes[] | Nothing {
    if (!this.#unread.isEmpty) return this.#unread.takeAll();
    const first = this.next();
    if (first === WOULD_BLOCK || first === END) return first;
    const batch = [first];
    const { size } = this.#prefix;
    const buffer = this.#buffer.buffer;
    while (batch.length < BATCH_MAX) {
      const begin = this.#begin + size;
      if (begin > this.#end) break;
      const length = this.#prefix.get(this.#view, this.#begin);
      // The next batch meets what is wrong with it.
      if (begin + length > this.#end || length > this.#limit) break;
      batch.push(new Uint8Array(buffer, begin, length));
      this.#begin = begin + length;
    }
    return batch;
  }

  giveBack(record: Bytes): void {
    this.#unread.giveBack(record);
  }

  unread(): Bytes[] {
    const framed = this.#unread.all().map((record) => {
      const bytes = new Uint8Array(this.#prefix.size + record.byteLength);
      this.#prefix.set(new DataView(bytes.buffer), 0, record.byteLength);
      bytes.set(record, this.#prefix.size);
      return bytes;
    });
    return this.#begin === this.#end ? framed : [...framed, this.#buffer.slice(this.#begin, this.#end)];
  }

  /** The record of `length` bytes that stands next, as a view on the buffer. */
  #take(length: number): Bytes {
    const begin = this.#begin + this.#prefix.size;
    this.#begin = begin + length;
    return new Uint8Array(this.#buffer.buffer, begin, length);
  }

  /** Receives until the next record is there whole. Gives its length. */
  #announced(): number | Nothing {
    for (;;) {
      const { size } = this.#prefix;
      const available = this.#end - this.#begin;
      let needed: number = size;
      if (available >= size) {
        const length = this.#prefix.get(this.#view, this.#begin);
        if (length > this.#limit) throw this.#overLimit(length);
        needed += length;
        if (available >= needed) return length;
      }
      // The rest of a long record comes in other turns of the event loop.
      if (available > 0 && isSpent()) return WOULD_BLOCK;
      const received = this.#receiveMore(needed, available);
      if (received === END && available > 0) {
        const missing = available < size ? "its length" : `${needed} bytes with its length`;
        throw new FramingError(
          "ERR_FRAMING_CUT",
          `Cannot receive a record (framing "${this.#prefix.framing}"): the peer ended after ${available} bytes of ${missing}`,
        );
      }
      if (received === WOULD_BLOCK || received === END) return received;
    }
  }

  #overLimit(length: number): FramingError {
    const { framing, other } = this.#prefix;
    const view = new DataView(new ArrayBuffer(this.#prefix.size));
    this.#prefix.set(view, 0, length);
    const swapped = new Prefix(other).get(view, 0);
    const hint = swapped <= this.#limit ? `; if the peer writes "${other}", it has ${swapped} bytes` : "";
    return new FramingError(
      "ERR_FRAMING_TOO_LONG",
      `Cannot receive a record of ${length} bytes (framing "${framing}"): maxRecordSize is ${this.#limit}${hint}`,
    );
  }

  /**
   * Receives straight into the buffer. A new one is taken when too little room is left; it grows with a long record.
   */
  #receiveMore(needed: number, available: number): number {
    const room = this.#buffer.byteLength - this.#end;
    if (needed > BUFFER_SIZE) {
      if (room === 0) this.#renew(nextSize(needed, available));
    } else if (room < Math.max(LEAST_ROOM, needed - available)) this.#renew(BUFFER_SIZE);
    const received = this.#socket.receiveInto(new Uint8Array(this.#buffer.buffer, this.#end));
    if (received > 0) this.#end += received;
    return received;
  }

  /** A new buffer, which begins with what is left of the old one. Records that were given out keep the old one. */
  #renew(size: number): void {
    const left = this.#buffer.subarray(this.#begin, this.#end);
    this.#buffer = uninitialized(size);
    this.#buffer.set(left);
    this.#view = new DataView(this.#buffer.buffer);
    this.#begin = 0;
    this.#end = left.byteLength;
  }
}

/**
 * Sends records over a byte stream, each behind its length. Small ones are gathered until the buffer is full or the
 * writer pauses; larger ones go straight from the caller's memory.
 */
export class FrameSender implements Sender<Chunk, Parts> {
  readonly #socket: Socket;
  readonly #prefix: Prefix;
  readonly #limit: number;
  readonly #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(BUFFER_SIZE);
  readonly #view = new DataView(this.#buffer.buffer);
  /** The bytes of the buffer from `#begin` to `#end` are still to be sent. */
  #begin = 0;
  #end = 0;
  /** How much of a record that is not gathered is sent, its prefix included; 0 between records. */
  #sent = 0;

  /** @param limit The most bytes in a record */
  constructor(socket: Socket, framing: Framing, limit: number) {
    this.#socket = socket;
    this.#prefix = new Prefix(framing);
    this.#limit = Math.min(limit, this.#prefix.max);
  }

  get gathers(): boolean {
    return this.#begin < this.#end;
  }

  get midway(): boolean {
    return this.#sent > 0;
  }

  prepare(chunk: Chunk): Parts {
    return partsOf(chunk);
  }

  gather(chunk: Chunk): number | undefined {
    const length = this.#put(chunk);
    if (length !== undefined) spend(CHUNK);
    return length;
  }

  send(parts: Parts): boolean {
    const length = this.#checked(parts);
    if (this.#sent > 0) return this.#sendUngathered(parts, length);
    const size = this.#prefix.size + length;
    if (size > BUFFER_SIZE - this.#end && !this.drain()) return false;
    if (size > BUFFER_SIZE) return this.#sendUngathered(parts, length);
    this.#prefix.set(this.#view, this.#end, length);
    this.#end += this.#prefix.size;
    if (parts instanceof Uint8Array) this.#append(parts);
    else parts.forEach(this.#append, this);
    return true;
  }

  sendNow(parts: Parts): boolean {
    const length = this.#checked(parts);
    return this.drain() && this.#sendUngathered(parts, length);
  }

  /** Sends records from `begin` on. Gives how many were taken; 0 if the kernel would not take any now. */
  sendBatch(batch: readonly Chunk[], begin: number): number {
    if (isSpent()) return 0;
    let index = begin;
    // As far as there is room in the buffer: what nearly every record is, by the shortest way.
    while (index < batch.length && this.#put(batch[index]!) !== undefined) index += 1;
    if (index === begin && this.send(partsOf(batch[begin]!))) index += 1;
    spend(CHUNK * (index - begin));
    return index - begin;
  }

  drain(): boolean {
    while (this.#begin < this.#end) {
      const sent = this.#socket.send(this.#buffer.subarray(this.#begin, this.#end));
      if (sent === WOULD_BLOCK) return false;
      this.#begin += sent;
    }
    this.#begin = 0;
    this.#end = 0;
    return true;
  }

  #checked(parts: Parts): number {
    const length = lengthOf(parts);
    if (length <= this.#limit) return length;
    throw new RangeError(`Cannot send a record of ${length} bytes: maxRecordSize is ${this.#limit}`);
  }

  /** Gathers a record: its length, or undefined if it is no byte array, empty (perhaps detached), too long, or has no room. */
  #put(record: Chunk): number | undefined {
    const length = lengthOfBytes(record);
    const begin = this.#end + this.#prefix.size;
    if (!length || length > this.#limit || begin + length > BUFFER_SIZE || this.#sent > 0) return undefined;
    this.#prefix.set(this.#view, this.#end, length);
    this.#buffer.set(record as Uint8Array, begin);
    this.#end = begin + length;
    return length;
  }

  /** With the buffer empty, whose beginning holds the prefix meanwhile. */
  #sendUngathered(parts: Parts, length: number): boolean {
    const { size } = this.#prefix;
    if (this.#sent === 0) this.#prefix.set(this.#view, 0, length);
    const whole = [
      this.#buffer.subarray(0, size),
      ...(parts instanceof Uint8Array ? [bytesOf(parts, "write")] : parts),
    ];
    while (this.#sent < size + length) {
      if (this.#sent > 0 && isSpent()) return false;
      const sent = this.#socket.sendParts(restOf(whole, this.#sent));
      if (sent === WOULD_BLOCK) return false;
      this.#sent += sent;
    }
    this.#sent = 0;
    return true;
  }

  #append(part: Uint8Array): void {
    this.#buffer.set(part, this.#end);
    this.#end += part.byteLength;
  }
}

/**
 * The next size of the buffer of a long record, of which `available` bytes have arrived. The last step is planned from the first on:
 * a buffer that falls a few bytes short would be copied when it is nearly as large as the record.
 */
function nextSize(needed: number, available: number): number {
  let size = needed;
  while (size > GROWTH * available && size > BUFFER_SIZE) size = Math.ceil(size / GROWTH);
  return Math.max(size, BUFFER_SIZE);
}
