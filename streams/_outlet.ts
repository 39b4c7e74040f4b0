import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import type { Nothing, Receiver } from "./_format.ts";

const { get: locked } = Object.getOwnPropertyDescriptor(ReadableStream.prototype, "locked")!;

/** Whether a reader or a pipe has the lock of a stream, whatever `locked` of the stream itself says by now. */
export function isLocked(stream: ReadableStream<unknown>): boolean {
  return locked!.call(stream);
}

/** What a stream asks of its source. */
export interface Pulled {
  pull(): void | Promise<void>;
  /** Ends the request that waits, where its reader has let go: the next reader's is another. */
  dropRequest(): void;
  cancel(): void;
}

/** Gives a receiver's chunks to a stream. */
export interface Outlet {
  readonly stream: ReadableStream<unknown>;
  /** Whether something was received that no reader has taken. */
  readonly holds: boolean;
  /**
   * Gives the stream its next chunk.
   *
   * @param waited Whether the stream's request has waited: its reader may have let go meanwhile
   */
  deliver(waited: boolean): true | Nothing;
  /** Gives the receiver back what no reader has taken. The stream does not have it any more, unless it is locked. */
  giveBack(): void;
  /** Ends the stream in order. Throws where the end comes in the middle of what a reader has asked for. */
  close(): void;
  /** Ends the stream with an error. */
  error(reason: unknown): void;
}

/** A default stream, which is asked for a chunk only while a read is pending: so it holds one at most. */
export class ChunkOutlet<T extends object> implements Outlet {
  readonly stream: ReadableStream<T>;
  readonly #receiver: Receiver<T>;
  #controller!: ReadableStreamDefaultController<T>;
  /** The last chunk that may have stayed in the stream's queue. */
  #last: T | undefined;

  constructor(receiver: Receiver<T>, source: Pulled) {
    this.#receiver = receiver;
    this.stream = new ReadableStream<T>({
      start: (controller) => void (this.#controller = controller),
      pull: () => source.pull(),
      cancel: () => source.cancel(),
    }, { highWaterMark: 0 });
  }

  get holds(): boolean {
    return (this.#controller.desiredSize ?? 0) !== 0;
  }

  deliver(waited: boolean): true | Nothing {
    const chunk = this.#receiver.next();
    if (chunk === WOULD_BLOCK || chunk === END) return chunk;
    this.#controller.enqueue(chunk);
    if (waited) {
      this.#last = chunk;
      if (this.#controller.desiredSize !== 0) this.#receiver.stays?.(chunk);
    }
    return true;
  }

  giveBack(): void {
    if (!this.holds) return;
    this.#receiver.giveBack(this.#last!);
    if (!isLocked(this.stream)) empty(this.stream, () => this.#controller.desiredSize ?? 0);
  }

  close(): void {
    this.#controller.close();
  }

  error(reason: unknown): void {
    this.#controller.error(reason);
  }
}

/** Takes out of an unlocked stream what is in its queue: a read that can be met at once is, before it returns. */
export function empty(stream: ReadableStream<unknown>, desiredSize: () => number): void {
  // As the standard has it, whatever is called ReadableStream by now: a stream that watches its locks would ask for this again.
  let standard: ReadableStream<unknown> = stream;
  for (let next = stream; "getReader" in next; next = Object.getPrototypeOf(next)) standard = next;
  const reader = standard.getReader.call(stream) as ReadableStreamDefaultReader<unknown>;
  while (desiredSize() < 0) void reader.read();
  reader.releaseLock();
}
