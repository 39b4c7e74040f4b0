/** Hands chunks to the kernel, one at a time. */
export interface Sender<T> {
  /** Sends a chunk. False if it must be called again, with the same chunk, when there is room. */
  send(chunk: T): boolean;
  /** Sends what was held back of earlier chunks. False if the kernel would not take all of it now. */
  drain(): boolean;
  /** Whether anything is held back. */
  readonly holdsBack: boolean;
}
