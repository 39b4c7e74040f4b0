import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import type { ByteReceiver } from "./bytes.ts";
import type { Bytes } from "./chunk.ts";
import type { Nothing } from "./_format.ts";
import { empty, type Outlet, type Pulled } from "./_outlet.ts";

/** A reader may want elements of so many bytes: a part of one goes back into the stream's queue. */
const ELEMENT_MAX = 8;

/**
 * A byte stream. A BYOB reader's request is answered in its own view.
 *
 * In the standard a BYOB request survives releaseLock(); respond() then queues the bytes even if another reader is waiting. So
 * a request that was given up is taken back before the next lock.
 *
 * @see {@link https://streams.spec.whatwg.org/#rbs-controller-class | ReadableByteStreamController}
 */
export class ByteOutlet implements Outlet {
  readonly stream: ReadableStream<Bytes>;
  readonly #receiver: ByteReceiver;
  #controller!: ReadableByteStreamController;
  /** How much of the request that stands is filled; undefined where the stream does not let that be known. */
  #filled: number | undefined = 0;
  /** A copy of the last bytes that may have stayed in the stream's queue. */
  #last: Bytes = new Uint8Array(0);

  constructor(receiver: ByteReceiver, source: Pulled) {
    this.#receiver = receiver;
    this.stream = watchedStream({
      type: "bytes",
      start: (controller) => void (this.#controller = controller as ReadableByteStreamController),
      pull: () => source.pull(),
      cancel: () => source.cancel(),
    }, () => this.giveBack(true));
  }

  get holds(): boolean {
    const { byobRequest, desiredSize } = this.#controller;
    return (desiredSize ?? 0) < 0 || (byobRequest !== null && this.#inRequest(byobRequest).byteLength > 0);
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

  giveBack(empties: boolean): void {
    const { byobRequest } = this.#controller;
    const queued = -(this.#controller.desiredSize ?? 0);
    if (queued > 0) this.#receiver.giveBack(this.#last.slice(-queued));
    if (byobRequest) this.#receiver.giveBack(this.#inRequest(byobRequest));
    if (!empties || (queued <= 0 && !byobRequest)) return;
    // What the abandoned request holds goes into the queue by that, and the request is gone.
    if (byobRequest) this.#controller.enqueue(new Uint8Array(1));
    this.#filled = 0;
    empty(this.stream, () => this.#controller.desiredSize ?? 0);
  }

  /** A request that is still pending is answered after the close, with nothing: the other order is an error. */
  close(): void {
    this.#controller.close();
    this.#controller.byobRequest?.respond(0);
  }

  error(reason: unknown): void {
    this.#controller.error(reason);
  }

  #answer(request: ReadableStreamBYOBRequest): true | Nothing {
    // By the standard the view is one of bytes, whatever kind the reader has brought.
    const view = request.view as Bytes;
    const received = this.#receiver.read(view);
    if (received === WOULD_BLOCK || received === END) return received;
    const { buffer, byteOffset, byteLength } = view;
    const end = byteOffset + received;
    const filled = this.#filled === undefined ? undefined : this.#filled + received;
    const rest = (filled ?? 1) % ELEMENT_MAX !== 0;
    if (rest) this.#last = new Uint8Array(buffer.slice(Math.max(0, end - ELEMENT_MAX + 1), end));
    request.respond(received);
    const next = this.#controller.byobRequest?.view;
    if (next?.byteOffset === end && next.byteLength === byteLength - received) {
      // The reader wants more than came (an element, `min`), and has left its request as it was, further on.
      this.#filled = filled;
    } else {
      // Another request that stands may have got a part of an element from the queue already.
      this.#filled = next && rest && next.byteOffset > 0 ? undefined : 0;
    }
    return true;
  }

  /** A copy of what is in the request already. */
  #inRequest(request: ReadableStreamBYOBRequest): Bytes {
    if (this.#filled === undefined) {
      throw new TypeError(
        "Cannot tell what a BYOB read holds already behind another of several-byte elements: await it",
      );
    }
    const view = request.view as Bytes;
    return new Uint8Array(view.buffer, view.byteOffset - this.#filled, this.#filled).slice();
  }
}

type Constructor = new (source: UnderlyingSource<Bytes>, locking: () => void) => ReadableStream<Bytes>;

let defined: Constructor | undefined;

/**
 * Makes a byte stream that tells its source before it is locked: the standard does not.
 *
 * @param locking Called before the stream is locked
 */
function watchedStream(source: UnderlyingSource<Bytes>, locking: () => void): ReadableStream<Bytes> {
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
