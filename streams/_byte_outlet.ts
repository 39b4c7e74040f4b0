import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import type { ByteReceiver } from "./bytes.ts";
import type { Bytes } from "./chunk.ts";
import { joined } from "./chunk.ts";
import type { Nothing } from "./_format.ts";
import { empty, type Outlet, type Pulled } from "./_outlet.ts";
import { WatchedStream } from "./_watched_stream.ts";

/** A reader may want elements of so many bytes: a part of one goes back into the stream's queue. */
const ELEMENT_MAX = 8;

/**
 * A byte stream. A request of a BYOB reader is answered in its own view as long as that reader has the stream; else the bytes
 * are enqueued, and the stream gives them to the reader that it has by then.
 *
 * By the standard a request outlives its reader, and `respond()` leaves bytes in the queue although another reader waits:
 * only `enqueue()` does not.
 *
 * @see {@link https://streams.spec.whatwg.org/#rbs-controller-class | ReadableByteStreamController}
 */
export class ByteOutlet implements Outlet {
  readonly stream: WatchedStream;
  readonly #receiver: ByteReceiver;
  #controller!: ReadableByteStreamController;
  /** How often the stream had been locked when it asked. */
  #asked = 0;
  /** How much of the request that stands is filled; undefined where the stream does not let that be known. */
  #filled: number | undefined = 0;
  /** A copy of the last bytes that may have stayed in the stream's queue. */
  #last: Bytes = new Uint8Array(0);

  constructor(receiver: ByteReceiver, source: Pulled) {
    this.#receiver = receiver;
    this.stream = new WatchedStream({
      type: "bytes",
      start: (controller) => void (this.#controller = controller as ReadableByteStreamController),
      pull: () => {
        this.#asked = this.stream.locks;
        return source.pull();
      },
      cancel: () => source.cancel(),
    });
  }

  get mustAnswer(): boolean {
    return Boolean(this.#controller.byobRequest);
  }

  deliver(waited: boolean): true | Nothing {
    const request = this.#controller.byobRequest;
    if (request && (!waited || (this.stream.locked && this.stream.locks === this.#asked))) return this.#answer(request);
    return this.#enqueue(request, waited);
  }

  giveBack(empties: boolean): void {
    const { byobRequest } = this.#controller;
    const queued = -(this.#controller.desiredSize ?? 0);
    if (queued > 0) this.#receiver.giveBack(this.#last.slice(-queued));
    if (byobRequest) {
      this.#receiver.giveBack(this.#inRequest(byobRequest));
      // Moves what the abandoned request holds into the queue, and so ends the request.
      if (empties) this.#controller.enqueue(new Uint8Array(1));
      this.#filled = 0;
    }
    if (empties && (queued > 0 || byobRequest)) empty(this.stream, () => this.#controller.desiredSize ?? 0);
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
    const filled = (this.#filled ?? 0) + received;
    if (filled % ELEMENT_MAX !== 0) this.#last = new Uint8Array(buffer.slice(Math.max(0, end - ELEMENT_MAX + 1), end));
    request.respond(received);
    this.#noteFilled(end, byteLength - received, filled);
    return true;
  }

  #enqueue(request: ReadableStreamBYOBRequest | null, waited: boolean): true | Nothing {
    const view = request?.view as Bytes | undefined;
    // What is over stays with the receiver: the stream would not give it back.
    const bytes = view === undefined ? this.#receiver.next() : this.#receiver.nextOf(view.byteLength);
    if (bytes === WOULD_BLOCK || bytes === END) return bytes;
    const { byteLength: taken } = bytes;
    if (request || waited) this.#last = joined(request ? [this.#inRequest(request), bytes] : bytes);
    const { byteOffset = 0, byteLength = 0 } = view ?? {};
    const filled = (this.#filled ?? 0) + taken;
    this.#controller.enqueue(bytes);
    if (request) this.#noteFilled(byteOffset + taken, byteLength - taken, filled);
    // Behind an abandoned request another may have been met in part.
    if (this.#controller.byobRequest && this.#filled === 0) this.#filled = undefined;
    return true;
  }

  /** A reader that wants more than came (an element, `min`) leaves its request as it was, further on. */
  #noteFilled(byteOffset: number, byteLength: number, filled: number): void {
    const next = this.#controller.byobRequest?.view;
    this.#filled = next?.byteOffset === byteOffset && next.byteLength === byteLength ? filled : 0;
  }

  /** A copy of what is in the request already. */
  #inRequest(request: ReadableStreamBYOBRequest): Bytes {
    const view = request.view as Bytes;
    if (this.#filled === undefined) {
      throw new TypeError("Cannot tell what a BYOB read holds that stands behind one that was given up: read it first");
    }
    return new Uint8Array(view.buffer, view.byteOffset - this.#filled, this.#filled).slice();
  }
}
