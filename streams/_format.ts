import type { END, WOULD_BLOCK } from "../ffi/syscalls.ts";

/** Why there is no chunk: none has come yet, or none will ever come. */
export type Nothing = typeof WOULD_BLOCK | typeof END;

/** Why a direction ended out of order. */
export interface Failure {
  readonly reason: unknown;
}

/** Something that waits for its turn in a direction: a request of the stream, a call, a flush, or the close. */
export interface Waiting {
  /** Tries. False if it goes on waiting. */
  attempt(): boolean;
  /** The direction has ended first. */
  ended(failure: Failure | undefined): void;
}

/** Makes chunks of what the kernel gives. */
export interface Receiver<T> {
  /** The next chunk, if it can be had without waiting. */
  next(): T | Nothing;
  /**
   * Receives one record, or some bytes of a stream, into a view.
   *
   * @throws {RangeError} If the record is longer than the view. It stays for the next read
   */
  read(view: Uint8Array): number | Nothing;
  /** Takes back a chunk that was given out and not read: it comes first again. */
  giveBack(chunk: T): void;
  /** All that was received and not given out, as another owner of the descriptor takes it over. */
  unread(): unknown[];
  /** Whether the direction goes on although it could not begin to wait: what waits is tried again later. */
  outlasts?(error: unknown): boolean;
  /** A chunk that was given out is in the stream's queue: its reader may never ask for it. */
  stays?(chunk: T): void;
  /**
   * Throws away what was received and not read, where that takes more than forgetting it.
   *
   * @param inStream Whether that may be in the stream's queue, too
   */
  discard?(inStream: boolean): void;
}

/** Hands chunks to the kernel, one at a time. */
export interface Sender<T, Prepared = unknown> {
  /** Reads all that is the caller's, once: objects may have getters, which are not to run while shared memory is filled. */
  prepare(chunk: T): Prepared;
  /** Sends a chunk. False if it must be called again, with the same chunk, when there is room. */
  send(chunk: Prepared): boolean;
  /** As {@linkcode Sender.send}, but gathers nothing. */
  sendNow?(chunk: Prepared): boolean;
  /** Gathers a chunk of the plainest form, which is sent later: its length, or undefined if it is for {@linkcode Sender.send}. */
  gather?(chunk: T): number | undefined;
  /** Leaves the rest of the chunk under way, where a part may stand alone. Gives how much of it is sent. */
  stop?(): number;
  /** Sends what was gathered of earlier chunks. False if the kernel would not take all of it now. */
  drain(): boolean;
  /** Whether anything is gathered and not sent. */
  readonly gathers: boolean;
  /** Whether the kernel has a part of the chunk under way, so that the rest must follow. */
  readonly midway: boolean;
}
