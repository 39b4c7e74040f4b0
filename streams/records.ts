import type { Ancillary } from "../ffi/ancillary.ts";
import { isSpent } from "../ffi/budget.ts";
import { isPassing, isTooLarge } from "../ffi/errors.ts";
import { uninitialized } from "../ffi/host.ts";
import type { Socket } from "../ffi/socket.ts";
import { SLOTS } from "../ffi/slots.ts";
import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import { plainBytes } from "../ffi/views.ts";
import { type Bytes, type Chunk, joined, lengthOf, type Parts, partsOf } from "./chunk.ts";
import type { Nothing, Receiver, Sender } from "./_format.ts";
import { Unread } from "./_unread.ts";

/** From this size on it pays not to zero what is overwritten at once. */
const LARGE = 4096;

/** Receives one record per call, whole. */
export class RecordReceiver implements Receiver<Bytes> {
  readonly #socket: Socket;
  readonly #unread: Unread<Bytes>;

  /** @param given What an earlier owner of the descriptor had received */
  constructor(socket: Socket, given: readonly Uint8Array[]) {
    this.#socket = socket;
    this.#unread = new Unread(given as readonly Bytes[]);
  }

  next(): Bytes | Nothing {
    if (!this.#unread.isEmpty) return this.#unread.take()!;
    const length = this.#socket.receive();
    return length === WOULD_BLOCK || length === END ? length : copyOfRecord(this.#socket, length);
  }

  read(view: Uint8Array): number | Nothing {
    if (!this.#unread.isEmpty) return readGiven(this.#unread, view);
    const length = this.#socket.receiveRecordInto(view);
    if (length === WOULD_BLOCK || length === END || length <= view.byteLength) return length;
    this.#unread.giveBack(this.#socket.copyOf(view, length));
    return readGiven(this.#unread, view);
  }

  /** Receives what records there are, as far as they go into one call, into one buffer. */
  nextBatch(): Bytes[] | Nothing {
    return this.#unread.isEmpty ? this.#socket.receiveMany() : this.#unread.takeAll();
  }

  giveBack(record: Bytes): void {
    this.#unread.giveBack(record);
  }

  unread(): Bytes[] {
    return this.#unread.all();
  }
}

/**
 * Gives the first of the records that were received before into a view. There must be one.
 *
 * @throws {RangeError} If it is longer than the view. It stays
 */
export function readGiven(given: Unread<Bytes>, view: Uint8Array): number {
  const record = given.first!;
  if (record.byteLength > view.byteLength) throw new RangeError(tooLong(record.byteLength, view));
  view.set(record);
  given.take();
  return record.byteLength;
}

/** What is said of a record that a view does not take. */
export function tooLong(length: number, view: Uint8Array): string {
  return `Cannot read a record of ${length} bytes into a buffer of ${view.byteLength} bytes: it stays for the next read`;
}

/**
 * The record of `length` bytes that was just received.
 *
 * @throws {RangeError} If it was longer than what fits
 */
export function copyOfRecord({ scratch }: Socket, length: number): Bytes {
  if (length < LARGE) return scratch.slice(0, length) as Bytes;
  if (length <= scratch.byteLength) {
    const record = uninitialized(length);
    record.set(scratch.subarray(0, length));
    return record;
  }
  throw new RangeError(
    `Cannot receive a record of ${length} bytes: only ${scratch.byteLength} bytes fit, the rest is lost`,
  );
}

/** Sends every chunk as one record, with one call. */
export class RecordSender implements Sender<Chunk, Parts> {
  readonly gathers = false;
  readonly midway = false;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  prepare(chunk: Chunk): Parts {
    return partsOf(chunk);
  }

  send(parts: Parts): boolean {
    const length = lengthOf(parts);
    // Written out, and not by sendRecord(): each step here is one on the way of every record.
    try {
      const sent = parts instanceof Uint8Array ? this.#socket.send(parts) : this.#socket.sendParts(parts);
      return sent !== WOULD_BLOCK;
    } catch (error) {
      makeRoom(this.#socket, error, length);
      return send(this.#socket, parts) !== WOULD_BLOCK;
    }
  }

  /** Sends records from `begin` on. Gives how many were sent; 0 if the kernel would not take any now. */
  sendBatch(batch: readonly Chunk[], begin: number): number {
    const records = usable(batch, begin);
    let sent = 0;
    while (sent < records.length && !isSpent()) {
      let count: number;
      try {
        count = this.#sendSome(records, sent);
      } catch (error) {
        // It is tried again later, and what is sent must not be sent twice.
        if (sent > 0 && isPassing(error)) break;
        throw error;
      }
      if (count === WOULD_BLOCK) break;
      sent += count;
    }
    return sent;
  }

  drain(): boolean {
    return true;
  }

  #sendSome(records: readonly Uint8Array[], begin: number): number {
    try {
      const sent = this.#socket.sendMany(records, begin);
      if (sent !== 0) return sent;
    } catch (error) {
      if (!isTooLarge(error, records[begin]!.byteLength)) throw error;
    }
    return sendRecord(this.#socket, records[begin]!) === WOULD_BLOCK ? WOULD_BLOCK : 1;
  }
}

/** As many records from `begin` on as go into one call, up to one that must be refused, which throws when it comes first. */
function usable(batch: readonly Chunk[], begin: number): Uint8Array[] {
  const records: Uint8Array[] = [];
  try {
    for (const chunk of batch.slice(begin, begin + SLOTS)) {
      const parts = plainBytes(chunk) ?? partsOf(chunk);
      records.push(parts instanceof Uint8Array ? parts : joined(parts));
    }
  } catch (error) {
    if (records.length === 0) throw error;
  }
  return records;
}

/**
 * Sends a record, with what rides on it. If it is over the present limit, that is raised.
 *
 * @returns The bytes sent, or WOULD_BLOCK
 * @throws {RangeError} If the system does not allow a record of that size
 */
export function sendRecord(
  socket: Socket,
  parts: Parts,
  ancillary?: Ancillary,
): number {
  try {
    return send(socket, parts, ancillary);
  } catch (error) {
    makeRoom(socket, error, lengthOf(parts));
    return send(socket, parts, ancillary);
  }
}

/** Raises the limit after a record of `length` bytes was refused for its size, or throws what else is wrong. */
function makeRoom(socket: Socket, error: unknown, length: number): void {
  if (!isTooLarge(error, length)) throw error;
  const limit = socket.raiseRecordLimit(length);
  if (length > limit) {
    throw new RangeError(`Cannot send a record of ${length} bytes: the system's limit is ${limit} bytes`);
  }
}

function send(socket: Socket, parts: Parts, ancillary?: Ancillary): number {
  return parts instanceof Uint8Array && ancillary === undefined
    ? socket.send(parts)
    : socket.sendParts(parts instanceof Uint8Array ? [parts] : parts, ancillary);
}
