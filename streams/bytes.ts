import { isSpent } from "../ffi/budget.ts";
import { uninitialized, zeroes } from "../ffi/host.ts";
import type { Socket } from "../ffi/socket.ts";
import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import { type Bytes, bytesOf, type Chunk, lengthOf, type Parts, partsOf, restOf } from "./chunk.ts";
import type { Nothing, Receiver, Sender } from "./_format.ts";
import { Unread } from "./_unread.ts";

/** How much a default reader is given at most. */
export const CHUNK_SIZE = 64 * 1024;

/** Receives bytes, into the reader's own view if it brings one. */
export class ByteReceiver implements Receiver<Bytes> {
  readonly #socket: Socket;
  /** What was received, by an earlier owner of the descriptor too, and not given out yet. */
  readonly #unread: Unread<Bytes>;
  /** What the next chunk is received into. */
  #spare: Bytes | undefined;

  /** @param given What an earlier owner of the descriptor had received */
  constructor(socket: Socket, given: readonly Uint8Array[]) {
    this.#socket = socket;
    this.#unread = new Unread(given.filter((bytes) => bytes.byteLength > 0).map((bytes) => new Uint8Array(bytes)));
  }

  next(): Bytes | Nothing {
    if (this.#unread.isEmpty) return this.#receive();
    const bytes = this.#unread.take()!;
    this.giveBack(bytes.subarray(CHUNK_SIZE));
    // A stream takes a chunk's buffer for itself: what is left must not be in it.
    return bytes.byteLength > CHUNK_SIZE ? bytes.slice(0, CHUNK_SIZE) : bytes;
  }

  read(view: Uint8Array): number | Nothing {
    // Of the kernel that would be the end.
    if (view.byteLength === 0) return 0;
    if (this.#unread.isEmpty) return this.#socket.receiveInto(view);
    const bytes = this.#unread.take()!;
    view.set(bytes.subarray(0, view.byteLength));
    this.giveBack(bytes.subarray(view.byteLength));
    return Math.min(bytes.byteLength, view.byteLength);
  }

  giveBack(bytes: Bytes): void {
    if (bytes.byteLength > 0) this.#unread.giveBack(bytes);
  }

  unread(): Bytes[] {
    return this.#unread.all();
  }

  #receive(): Bytes | Nothing {
    const buffer = this.#spare ??= uninitialized(CHUNK_SIZE);
    const received = this.#socket.receiveInto(buffer);
    if (received === WOULD_BLOCK || received === END) return received;
    const filled = zeroes ? this.#fill(buffer, received) : received;
    if (filled < CHUNK_SIZE) return buffer.slice(0, filled);
    this.#spare = undefined;
    return buffer;
  }

  /** Receives what more is there already: the kernel gives a chunk of 64 KiB in two pieces. */
  #fill(buffer: Bytes, received: number): number {
    let filled = received;
    try {
      while (filled < buffer.byteLength) {
        const more = this.#socket.receiveInto(buffer.subarray(filled));
        if (more === WOULD_BLOCK || more === END) break;
        filled += more;
      }
    } catch {
      // What has come is given out; the next receipt meets it again.
    }
    return filled;
  }
}

/** Sends bytes, as many calls per chunk as the kernel needs. */
export class ByteSender implements Sender<Chunk, Parts> {
  readonly gathers = false;
  readonly #socket: Socket;
  /** How much of the chunk under way the kernel has taken. */
  #sent = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get midway(): boolean {
    return this.#sent > 0;
  }

  prepare(chunk: Chunk): Parts {
    return partsOf(chunk);
  }

  /** @param sendFirst Sends the beginning of a chunk, where something rides on it */
  send(parts: Parts, sendFirst?: () => number): boolean {
    const length = lengthOf(parts);
    while (this.#sent < length) {
      if (this.#sent > 0 && isSpent()) return false;
      const sent = sendFirst !== undefined && this.#sent === 0 ? sendFirst() : this.#sendSome(parts);
      if (sent === WOULD_BLOCK) return false;
      this.#sent += sent;
    }
    this.#sent = 0;
    return true;
  }

  stop(): number {
    const sent = this.#sent;
    this.#sent = 0;
    return sent;
  }

  drain(): boolean {
    return true;
  }

  #sendSome(parts: Parts): number {
    if (!(parts instanceof Uint8Array)) return this.#socket.sendParts(restOf(parts, this.#sent));
    // Not of the caller's own view: what makes a subarray may be the caller's.
    return this.#socket.send(this.#sent === 0 ? parts : bytesOf(parts, "write").subarray(this.#sent));
  }
}
