/** A read that was asked for while the request of an earlier reader stands before it. Sizes in bytes. */
interface Behind {
  readonly length: number;
  readonly least: number;
  readonly element: number;
}

/**
 * Whose the request is that a byte stream shows. The stream does not say: a read outlives its reader, and what answers it then
 * goes into the queue. By the standard `respond()` leaves it there although another reader waits, and only `enqueue()` does not.
 *
 * A reader that did not come by `getReader()` is not known, and so not told from one that has let go.
 *
 * @see {@link https://streams.spec.whatwg.org/#rbs-controller-class | ReadableByteStreamController}
 */
export class ByobRequests {
  readonly #stands: () => boolean;
  readonly #ask: () => void;
  #reader: ReadableStreamBYOBReader | undefined;
  /** Whether the request of an earlier reader stands, and what is asked for behind it. */
  #abandoned = false;
  #behind: Behind[] = [];

  /**
   * @param readable The stream, whose `getReader` is watched
   * @param stands Whether a request stands, whosever
   * @param ask Receives although the stream does not pull: by the standard it does not for a read behind another request
   */
  constructor(readable: ReadableStream, stands: () => boolean, ask: () => void) {
    this.#stands = stands;
    this.#ask = ask;
    const getReader = (...options: []) => this.#known(readable, options);
    define(readable, "getReader", getReader);
  }

  /** Whether a request that stands is of the reader that has the stream now. */
  get current(): boolean {
    return this.#reader !== undefined && !this.#abandoned;
  }

  /**
   * To be called when the stream has been given `length` bytes in all, those in the request of an earlier reader included.
   *
   * @returns How many of them are in the request that stands now; undefined if none had been left by an earlier reader
   */
  passed(length: number): number | undefined {
    if (!this.#abandoned) return undefined;
    const behind = this.#behind;
    this.#abandoned = false;
    this.#behind = [];
    if (this.#reader !== undefined) delete (this.#reader as Partial<ReadableStreamBYOBReader>).read;
    let left = length;
    for (const { length, least, element } of behind) {
      const filled = Math.min(left, length);
      if (filled < least) return filled;
      left -= filled - filled % element;
    }
    return 0;
  }

  #known(readable: ReadableStream, options: []): ReadableStreamReader<unknown> {
    const reader = ReadableStream.prototype.getReader.apply(readable, options) as ReadableStreamReader<unknown>;
    if (!(reader instanceof ReadableStreamBYOBReader)) return reader;
    this.#reader = reader;
    this.#abandoned = this.#stands();
    const { read, releaseLock } = reader;
    define(reader, "releaseLock", () => {
      releaseLock.call(reader);
      if (this.#reader === reader) this.#reader = undefined;
      // Of all that a reader has asked for, only what comes first of all outlives it.
      this.#behind = [];
    });
    if (!this.#abandoned) return reader;
    define(reader, "read", (view: ArrayBufferView<ArrayBuffer>, options?: { min?: number }) => {
      const { byteLength: length = 0, BYTES_PER_ELEMENT: element = 1 } = (view ?? {}) as Partial<Uint8Array>;
      const least = element * Math.trunc(options?.min ?? 1);
      // Anything else is refused.
      const behind = this.#abandoned && least > 0 && least <= length;
      if (behind) this.#behind.push({ length, least, element });
      const reading = (read as (...given: unknown[]) => unknown).call(reader, view, options);
      if (behind) this.#ask();
      return reading;
    });
    return reader;
  }
}

function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, configurable: true });
}
