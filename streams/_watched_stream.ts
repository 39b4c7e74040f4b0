import type { Bytes } from "./chunk.ts";

/** A byte stream that counts how often it may have been locked: the standard does not let its source know. */
export class WatchedStream extends ReadableStream<Bytes> {
  #locks = 0;

  constructor(source: UnderlyingSource<Bytes>) {
    super(source, { highWaterMark: 0 });
  }

  /** How often it may have been locked. */
  get locks(): number {
    return this.#locks;
  }

  override getReader(options: { mode: "byob" }): ReadableStreamBYOBReader;
  override getReader(): ReadableStreamDefaultReader<Bytes>;
  override getReader(options?: { mode: "byob" }): ReadableStreamReader<Bytes> {
    this.#locks += 1;
    return options === undefined ? super.getReader() : super.getReader(options);
  }

  override pipeTo(destination: WritableStream<Bytes>, options?: StreamPipeOptions): Promise<void> {
    this.#locks += 1;
    return super.pipeTo(destination, options);
  }

  override pipeThrough<T>(
    transform: ReadableWritablePair<T, Bytes>,
    options?: StreamPipeOptions,
  ): ReadableStream<T> {
    this.#locks += 1;
    return super.pipeThrough(transform, options);
  }

  override tee(): [ReadableStream<Bytes>, ReadableStream<Bytes>] {
    this.#locks += 1;
    return super.tee();
  }

  override values(options?: { preventCancel?: boolean }): ReturnType<ReadableStream<Bytes>["values"]> {
    this.#locks += 1;
    return super.values(options);
  }

  override [Symbol.asyncIterator](
    options?: { preventCancel?: boolean },
  ): ReturnType<ReadableStream<Bytes>[typeof Symbol.asyncIterator]> {
    return this.values(options);
  }
}
