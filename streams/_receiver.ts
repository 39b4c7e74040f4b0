import type { END, WOULD_BLOCK } from "../ffi/syscalls.ts";

/** What a receiver gives: a chunk, or why there is none. */
export type Received<T> = T | typeof WOULD_BLOCK | typeof END;

/** Makes chunks of what the kernel gives, one at a time. */
export interface Receiver<T> {
  /** The next chunk, if it can be had without waiting. */
  receive(): Received<T>;
  /**
   * All that was received and not read, in the form in which another owner of the descriptor takes it over: chunks that were
   * given out, and what is in no chunk yet.
   */
  unread(delivered: readonly T[]): T[];
}
