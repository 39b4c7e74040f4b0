import type { Bytes } from "./chunk.ts";

type Constructor = new (source: UnderlyingSource<Bytes>, locking: () => void) => ReadableStream<Bytes>;

let defined: Constructor | undefined;

/**
 * Makes a byte stream that tells its source before it is locked: the standard does not.
 *
 * @param locking Called before the stream is locked
 */
export function watchedStream(source: UnderlyingSource<Bytes>, locking: () => void): ReadableStream<Bytes> {
  return new (defined ??= define())(source, locking);
}

/** Not when the module is loaded: the first use of ReadableStream takes 6 ms and more in Deno and Node, and calls need none. */
function define(): Constructor {
  return class WatchedStream extends ReadableStream<Bytes> {
    readonly #locking: () => void;

    /** @param locking Called before the stream is locked */
    constructor(source: UnderlyingSource<Bytes>, locking: () => void) {
      super(source, { highWaterMark: 0 });
      this.#locking = locking;
    }

    override getReader(options: { mode: "byob" }): ReadableStreamBYOBReader;
    override getReader(): ReadableStreamDefaultReader<Bytes>;
    override getReader(options?: { mode: "byob" }): ReadableStreamReader<Bytes> {
      this.#lock();
      return options === undefined ? super.getReader() : super.getReader(options);
    }

    override pipeTo(destination: WritableStream<Bytes>, options?: StreamPipeOptions): Promise<void> {
      this.#lock();
      return super.pipeTo(destination, options);
    }

    override pipeThrough<T>(transform: ReadableWritablePair<T, Bytes>, options?: StreamPipeOptions): ReadableStream<T> {
      this.#lock();
      return super.pipeThrough(transform, options);
    }

    override tee(): [ReadableStream<Bytes>, ReadableStream<Bytes>] {
      this.#lock();
      return super.tee();
    }

    override values(options?: { preventCancel?: boolean }): ReturnType<ReadableStream<Bytes>["values"]> {
      this.#lock();
      return super.values(options);
    }

    override [Symbol.asyncIterator](
      options?: { preventCancel?: boolean },
    ): ReturnType<ReadableStream<Bytes>[typeof Symbol.asyncIterator]> {
      return this.values(options);
    }

    /** A lock that is refused changes nothing. */
    #lock(): void {
      if (!this.locked) this.#locking();
    }
  };
}
