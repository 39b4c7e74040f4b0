import type { Descriptor } from "../ffi/descriptor.ts";
import { WOULD_BLOCK } from "../ffi/syscalls.ts";
import { type Chunk, lengthOf, partsOf, restOf } from "./chunk.ts";
import type { Sender } from "./_sender.ts";

/** How much is gathered before it is sent, at most. */
const BUFFER_SIZE = 64 * 1024;
/** The length before each record: 4 bytes, little-endian. */
const PREFIX_SIZE = 4;

/**
 * Sends records over a byte stream, each behind its length. Small ones are gathered until the buffer is full or the
 * writer pauses; larger ones go straight from the caller's memory.
 */
export class FrameSender implements Sender<Chunk> {
  readonly #descriptor: Descriptor;
  readonly #limit: number;
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  readonly #view = new DataView(this.#buffer.buffer);
  /** The bytes of the buffer from `#begin` to `#end` are still to be sent. */
  #begin = 0;
  #end = 0;
  /** How much of a large record is sent, its prefix included; 0 between records. */
  #sent = 0;

  /** @param limit The most bytes in a record */
  constructor(descriptor: Descriptor, limit: number) {
    this.#descriptor = descriptor;
    this.#limit = limit;
  }

  get holdsBack(): boolean {
    return this.#begin < this.#end;
  }

  send(chunk: Chunk): boolean {
    if (chunk instanceof Uint8Array && this.#putSmall(chunk)) return true;
    const parts = partsOf(chunk);
    const length = lengthOf(parts);
    if (length > this.#limit) {
      throw new RangeError(`Cannot send a record of ${length} bytes: the limit is ${this.#limit} bytes`);
    }
    if (this.#sent > 0) return this.#sendLarge(parts, length);
    if (PREFIX_SIZE + length > BUFFER_SIZE - this.#end && !this.drain()) return false;
    if (PREFIX_SIZE + length > BUFFER_SIZE) return this.#sendLarge(parts, length);
    this.#view.setUint32(this.#end, length, true);
    this.#end += PREFIX_SIZE;
    if (parts instanceof Uint8Array) this.#append(parts);
    else parts.forEach(this.#append, this);
    return true;
  }

  /** What nearly every record is, by the shortest way. False if it is not that. */
  #putSmall(record: Uint8Array): boolean {
    const length = record.byteLength;
    const end = this.#end;
    const next = end + PREFIX_SIZE + length;
    if (length === 0 || length > this.#limit || next > BUFFER_SIZE || this.#sent > 0) return false;
    this.#view.setUint32(end, length, true);
    this.#buffer.set(record, end + PREFIX_SIZE);
    this.#end = next;
    return true;
  }

  drain(): boolean {
    while (this.#begin < this.#end) {
      const sent = this.#descriptor.send(this.#buffer.subarray(this.#begin, this.#end));
      if (sent === WOULD_BLOCK) return false;
      this.#begin += sent;
    }
    this.#begin = 0;
    this.#end = 0;
    return true;
  }

  /** With the buffer empty, whose beginning holds the prefix meanwhile. */
  #sendLarge(parts: Uint8Array | Uint8Array[], length: number): boolean {
    if (this.#sent === 0) this.#view.setUint32(0, length, true);
    const prefix = this.#buffer.subarray(0, PREFIX_SIZE);
    const whole = [prefix, ...(parts instanceof Uint8Array ? [parts] : parts)];
    const announced = this.#view.getUint32(0, true);
    if (length !== announced) {
      throw new TypeError(
        `Cannot write the rest of a record: it was ${announced} bytes long, and now it has ${length}`,
      );
    }
    while (this.#sent < PREFIX_SIZE + length) {
      const sent = this.#descriptor.sendParts(restOf(whole, this.#sent) as Uint8Array[]);
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
