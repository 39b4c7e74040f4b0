import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import { isTaken, sizeOfElement } from "../ffi/views.ts";
import type { Bytes } from "./chunk.ts";
import type { Nothing, Receiver } from "./_format.ts";
import { empty, type Outlet, type Pulled } from "./_outlet.ts";
import { Queue } from "./_queue.ts";

/** A reader may want elements of so many bytes. */
const ELEMENT_MAX = 8;

/** A read with a view of the reader's own that waits. */
interface Asked {
  /** The size of its elements, and how many bytes it wants at least. */
  readonly unit: number;
  readonly least: number;
  /** How many bytes the stream held when it was asked. */
  readonly held: number;
  /** How many bytes are in the view; undefined where the stream may have put some of those there. */
  filled: number | undefined;
}

/**
 * A byte stream. A BYOB reader's request is answered in its own view.
 *
 * In the standard a BYOB request survives releaseLock(); respond() then queues the bytes even if another reader is waiting. So
 * a request that was given up is taken back before the next lock. What one holds whose reader waits can be told only by what was
 * asked, so each read is noted. A part of an element stays out of the stream: from its queue it would go to the next read without a
 * word.
 *
 * @see {@link https://streams.spec.whatwg.org/#rbs-controller-class | ReadableByteStreamController}
 */
export class ByteOutlet implements Outlet {
  readonly stream: ReadableStream<Bytes>;
  readonly #receiver: Receiver<Bytes>;
  #controller!: ReadableByteStreamController;
  /** The reads with a view that wait, in order. Those of tee(), and of readers that were constructed, are not among them. */
  #asked = new Queue<Asked>();
  /** A copy of the last bytes that may have stayed in the stream's queue. */
  #last: Bytes = new Uint8Array(0);

  constructor(receiver: Receiver<Bytes>, source: Pulled) {
    this.#receiver = receiver;
    this.stream = watchedStream({
      type: "bytes",
      start: (controller) => void (this.#controller = controller as ReadableByteStreamController),
      pull: () => source.pull(),
      cancel: () => source.cancel(),
    }, {
      locking: () => {
        this.giveBack();
        source.dropRequest();
      },
      reading: (view, min, read) => this.#ask(view, min, read),
    });
  }

  get holds(): boolean {
    // What a reader has given up can be told by taking it back only.
    if (!this.stream.locked) this.giveBack();
    const { byobRequest } = this.#controller;
    return this.#held > 0 || (byobRequest !== null && this.#inRequest(byobRequest).byteLength > 0);
  }

  /** How many bytes are in the stream's queue. */
  get #held(): number {
    return -(this.#controller.desiredSize ?? 0);
  }

  deliver(waited: boolean): true | Nothing {
    const request = this.#controller.byobRequest;
    if (request) return this.#answer(request);
    const bytes = this.#receiver.next();
    if (bytes === WOULD_BLOCK || bytes === END) return bytes;
    // The stream takes the buffer for itself, and keeps it if its reader has let go while this waited.
    if (waited) this.#last = bytes.slice();
    this.#controller.enqueue(bytes);
    return true;
  }

  giveBack(): void {
    const { byobRequest } = this.#controller;
    const held = this.#held;
    if (held > 0) this.#receiver.giveBack(this.#last.slice(-held));
    if (this.stream.locked) {
      if (byobRequest) this.#receiver.giveBack(this.#inRequest(byobRequest));
      return;
    }
    if (byobRequest) this.#receiver.giveBack(this.#takeBack(byobRequest));
    this.#asked = new Queue();
    if (held > 0 || byobRequest) empty(this.stream, () => this.#controller.desiredSize ?? 0);
  }

  /** What an abandoned request holds: with the next chunk it goes into the queue, which tells how much it is. */
  #takeBack(request: ReadableStreamBYOBRequest): Bytes {
    const view = request.view as Bytes;
    const before = new Uint8Array(view.buffer, 0, view.byteOffset).slice();
    const held = this.#held;
    this.#controller.enqueue(new Uint8Array(1));
    return before.subarray(before.byteLength - (this.#held - held - 1));
  }

  /** A request that is still pending is answered after the close, with nothing: the other order is an error. */
  close(): void {
    this.#controller.close();
    this.#controller.byobRequest?.respond(0);
  }

  error(reason: unknown): void {
    this.#controller.error(reason);
  }

  #ask<T>(view: unknown, min: number, read: () => Promise<T>): Promise<T> {
    // What has no memory is refused.
    if (isTaken(view)) return read();
    const unit = sizeOfElement(view);
    // First: the read may be answered at once, and is then out of the queue.
    const place = this.#asked.push({ unit, least: unit * min, held: this.#held, filled: undefined });
    const reading = read();
    // It was refused, or met from the queue of the stream.
    if (!isTaken(view) || (this.#asked.first === place && this.#controller.byobRequest === null)) place.remove();
    return reading;
  }

  #answer(request: ReadableStreamBYOBRequest): true | Nothing {
    // By the standard the view is one of bytes, whatever kind the reader has brought.
    const view = request.view as Bytes;
    const received = this.#receiver.read(view);
    if (received === WOULD_BLOCK || received === END) return received;
    const asked = this.#asked.first?.item;
    if (asked === undefined) {
      const end = view.byteOffset + received;
      // A part of an element may stay in the stream's queue.
      this.#last = new Uint8Array(view.buffer.slice(Math.max(0, end - ELEMENT_MAX + 1), end));
      request.respond(received);
      return true;
    }
    const filled = this.#filled + received;
    const isEnough = filled >= asked.least;
    const rest = isEnough ? filled % asked.unit : 0;
    if (rest > 0) this.#receiver.giveBack(view.slice(received - rest, received));
    if (isEnough) this.#asked.first!.remove();
    else asked.filled = filled;
    request.respond(received - rest);
    return true;
  }

  /** How many bytes are in the request that stands. */
  get #filled(): number {
    const asked = this.#asked.first?.item;
    return asked === undefined ? 0 : asked.filled ??= asked.held - this.#held;
  }

  /** A copy of what is in the request already. */
  #inRequest(request: ReadableStreamBYOBRequest): Bytes {
    const view = request.view as Bytes;
    return new Uint8Array(view.buffer, view.byteOffset - this.#filled, this.#filled).slice();
  }
}

/** What a stream tells that the standard's does not. */
interface Watcher {
  /** Called before the stream is locked. */
  locking(): void;
  /** Called for each read with a view, which `read` is. */
  reading<T>(view: unknown, min: number, read: () => Promise<T>): Promise<T>;
}

type Constructor = new (source: UnderlyingSource<Bytes>, watcher: Watcher) => ReadableStream<Bytes>;

let defined: Constructor | undefined;

/** Makes a byte stream that tells what happens to it: the standard's does not. */
function watchedStream(source: UnderlyingSource<Bytes>, watcher: Watcher): ReadableStream<Bytes> {
  return new (defined ??= define())(source, watcher);
}

/** Not when the module is loaded: the first use of ReadableStream takes 6 ms and more in Deno and Node, and calls need none. */
function define(): Constructor {
  class WatchedReader extends ReadableStreamBYOBReader {
    readonly #watcher: Watcher;

    constructor(stream: ReadableStream<Bytes>, watcher: Watcher) {
      super(stream);
      this.#watcher = watcher;
    }

    /** Typed as nothing: the runtimes' own types name its views in different ways. */
    override read(view: never, options?: { readonly min?: number }): Promise<never> {
      try {
        // Once: it may be a getter.
        const min = options?.min;
        const read = () => super.read(view, min === undefined ? undefined : { min });
        return this.#watcher.reading(view, Math.trunc(min ?? 1), read as () => Promise<never>);
      } catch (reason) {
        // A getter's, or what is no number.
        return Promise.reject(reason);
      }
    }
  }

  return class WatchedStream extends ReadableStream<Bytes> {
    readonly #watcher: Watcher;

    constructor(source: UnderlyingSource<Bytes>, watcher: Watcher) {
      super(source, { highWaterMark: 0 });
      this.#watcher = watcher;
    }

    override getReader(options: { mode: "byob" }): ReadableStreamBYOBReader;
    override getReader(): ReadableStreamDefaultReader<Bytes>;
    override getReader(options?: { mode: "byob" }): ReadableStreamReader<Bytes> {
      this.#lock();
      return options?.mode === "byob" ? new WatchedReader(this, this.#watcher) : super.getReader(options as undefined);
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
      if (!this.locked) this.#watcher.locking();
    }
  };
}
