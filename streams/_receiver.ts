import type { END, WOULD_BLOCK } from "../ffi/syscalls.ts";

/** What a receiver gives: a chunk, or why there is none. */
export type Received<T> = T | typeof WOULD_BLOCK | typeof END;

/** Makes chunks of what the kernel gives, one at a time. */
export interface Receiver<T> {
  /** The next chunk, if it can be had without waiting. */
  receive(): Received<T>;
  /** What was received and is in no chunk yet. */
  unread(): T[];
}
