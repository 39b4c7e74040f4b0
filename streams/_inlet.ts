import { SocketError } from "../ffi/errors.ts";

/** What takes a stream's chunks. */
export interface Taker {
  /** Takes a chunk. Throws where the stream is to fail. */
  take(chunk: never): void | Promise<void>;
  /** The stream has handed on all it holds, and its writer has closed it. */
  closeStream(): Promise<void>;
  /** The stream is aborted. */
  abort(reason: unknown): void;
}

const { getWriter } = WritableStream.prototype;
const { get: locked } = Object.getOwnPropertyDescriptor(WritableStream.prototype, "locked")!;
const { get: desiredSize } = Object.getOwnPropertyDescriptor(WritableStreamDefaultWriter.prototype, "desiredSize")!;

/** Hands a stream's chunks on, and counts those that the stream holds. */
export class Inlet {
  readonly stream: WritableStream<never>;
  readonly #taker: Taker;
  #controller!: WritableStreamDefaultController;
  #held = 0;
  /** The last that `getWriter()` gave. */
  #writer: WritableStreamDefaultWriter | undefined;
  /** The caller of the first write: a new stream starts asynchronously, so its frames are gone by then. */
  #origin: Error | undefined;

  constructor(taker: Taker) {
    this.#taker = taker;
    let started = false;
    void Promise.resolve().then(() => started = true);
    this.stream = new WritableStream<never>({
      start: (controller) => {
        this.#controller = controller;
        // The stream calls abort() only after the write or close under way has settled: the signal is what ends that. Do not call
        // controller.error() here: the stream is about to become "erroring", and abort() would then reject.
        controller.signal.addEventListener("abort", () => taker.abort(controller.signal.reason));
      },
      write: this.#handOn,
      close: () => {
        // The stream also counted chunks that it refused because it was closing.
        this.#held = 0;
        return taker.closeStream();
      },
      abort: (reason) => taker.abort(reason),
    }, {
      highWaterMark: 1,
      // The stream asks for the size of every chunk as soon as it is written: the one moment to count those that it holds.
      size: () => {
        this.#held += 1;
        if (!started) this.#origin ??= new Error();
        return 1;
      },
    });
    // A pipe takes the lock without this method, and so does a writer that is constructed: both count as a pipe.
    const value = () => this.#writer = getWriter.call(this.stream);
    Object.defineProperty(this.stream, "getWriter", { value, writable: true, configurable: true });
  }

  /** Whether a writer or a pipe has the lock, whatever `locked` of the stream itself says by now. */
  get isLocked(): boolean {
    return locked!.call(this.stream);
  }

  /**
   * Whether a writer of `getWriter()` has the lock. Its next write tells it that the stream takes nothing more. A pipe may write
   * nothing, and has to be told.
   */
  get hasWriter(): boolean {
    try {
      // It throws once the writer has released the lock.
      return this.#writer !== undefined && desiredSize!.call(this.#writer) !== undefined;
    } catch {
      return false;
    }
  }

  /** How many chunks the stream has been given and has not handed on. */
  get held(): number {
    return this.#held;
  }

  /** Ends the stream with an error. */
  error(reason: unknown): void {
    this.#controller.error(reason);
  }

  readonly #handOn = (chunk: never): void | Promise<void> => {
    const origin = this.#origin;
    this.#origin = undefined;
    try {
      return this.#taker.take(chunk);
    } catch (error) {
      if (isOurs(error)) showCaller(error, this.#handOn, origin);
      throw error;
    } finally {
      // Counted until now, so that an end cannot be sent through itself: it is still busy.
      this.#held -= 1;
    }
  };
}

/** Whether this module has made an error. What a getter of the user's has thrown keeps its stack. */
function isOurs(error: unknown): error is Error {
  if (error instanceof SocketError) return true;
  // An engine begins so, too, as "Cannot read properties of".
  return error instanceof Error && Object.isExtensible(error) &&
    /^Cannot (?:write|send|use) /.test(String(error.message));
}

/** Leaves our own frames out of an error's stack: ten frames are few, and the runtime's streams take most of them. */
function showCaller(error: Error, callee: (chunk: never) => unknown, origin: Error | undefined): void {
  if (origin?.stack === undefined) {
    (Error as { captureStackTrace?(error: Error, above: unknown): void }).captureStackTrace?.(error, callee);
  } else error.stack = `${error}\n${origin.stack.split("\n").slice(1).join("\n")}`;
}
