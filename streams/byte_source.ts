import type { Descriptor } from "../ffi/descriptor.ts";
import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import { ByobRequests } from "./_byob_requests.ts";
import type { Received } from "./_receiver.ts";
import type { Failure } from "./_sink.ts";
import { uninitialized } from "../ffi/uninitialized.ts";
import { Source } from "./_source.ts";

/** How much a default reader is given at most. */
const CHUNK_SIZE = 64 * 1024;

/** Receives bytes, into the reader's own view if it brings one: the underlying source of a byte stream. */
export class ByteSource extends Source<ReadableByteStreamController, Uint8Array<ArrayBuffer>> {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly type = "bytes";
  readonly #ahead: number;
  readonly #requests: ByobRequests;
  #delivered: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  /** What the next chunk is received into. */
  #spare: Uint8Array<ArrayBuffer> | undefined;
  /** How much of the pending request is filled. */
  #partial = 0;
  /** What was received, by an earlier owner of the descriptor too, and is not in the stream yet. */
  readonly #given: Uint8Array<ArrayBuffer>[];

  /**
   * @param ahead How many bytes to receive at once although fewer are asked for
   * @param given What an earlier owner of the descriptor had received
   */
  constructor(
    descriptor: Descriptor,
    ahead: number,
    given: readonly Uint8Array[],
    onEnd: (failure?: Failure) => void,
  ) {
    super(descriptor, onEnd);
    this.#ahead = ahead;
    this.#given = given.filter((bytes) => bytes.byteLength > 0).map((bytes) => new Uint8Array(bytes));
    this.readable = new ReadableStream(this, { highWaterMark: 0 });
    this.#requests = new ByobRequests(this.readable, () => this.mustAnswer, () => this.ask());
  }

  protected deliver(controller: ReadableByteStreamController): boolean {
    const view = controller.byobRequest?.view;
    const simple = this.#ahead === 0 && this.#given.length === 0 && this.#partial === 0;
    return view && simple && this.#requests.current ? this.#answer(controller, view) : this.#enqueue(controller, view);
  }

  protected override get mustAnswer(): boolean {
    return Boolean(this.controller?.byobRequest);
  }

  /** Straight into the view of a reader that is asking right now. */
  #answer(controller: ReadableByteStreamController, view: ArrayBufferView): boolean {
    // By the standard the view is one of bytes, whatever kind the reader has brought.
    const bytes = view as Uint8Array<ArrayBuffer>;
    const received = this.descriptor.receiveInto(bytes);
    if (received === WOULD_BLOCK) return false;
    if (received === END) {
      this.finish();
      return true;
    }
    const { byteOffset, byteLength } = view;
    // Part of an element of several bytes goes back into the queue.
    if (received % 8 !== 0) this.#delivered = bytes.slice(Math.max(0, received - 7), received);
    controller.byobRequest!.respond(received);
    this.#notePartial(controller, byteOffset + received, byteLength - received, received);
    return true;
  }

  /**
   * As a chunk, with which the stream does what is right for whoever reads by now: the reader that brought a view may have let
   * go of the stream while this waited, and another may wait for chunks.
   */
  #enqueue(controller: ReadableByteStreamController, view: ArrayBufferView | null | undefined): boolean {
    const bytes = this.#given.shift() ?? this.#receive(view ? view.byteLength + this.#ahead : CHUNK_SIZE);
    if (bytes === WOULD_BLOCK) return false;
    if (bytes === END) {
      this.finish();
      return true;
    }
    // What is over stays here: the stream would not give it back.
    if (view && bytes.byteLength > view.byteLength) this.#given.unshift(bytes.slice(view.byteLength));
    const chunk = view ? bytes.slice(0, view.byteLength) : bytes;
    const { byteOffset = 0, byteLength = 0 } = view ?? {};
    // The stream takes the chunk's buffer for itself, and keeps it if whoever asked has let go while this waited.
    const { byteLength: taken } = chunk;
    if (view || this.waits) this.#delivered = concatenated(this.#filled(), chunk);
    controller.enqueue(chunk);
    if (!view) return true;
    const behind = this.#requests.passed(this.#partial + taken);
    if (behind === undefined) this.#notePartial(controller, byteOffset + taken, byteLength - taken, taken);
    else this.#partial = behind;
    return true;
  }

  #receive(limit: number): Received<Uint8Array<ArrayBuffer>> {
    const buffer = this.#bufferOf(Math.min(Math.max(limit, this.#ahead), this.descriptor.scratch.byteLength));
    const received = this.descriptor.receiveInto(buffer);
    if (received < 0) return received as typeof WOULD_BLOCK | typeof END;
    if (received < buffer.byteLength) return buffer.slice(0, received);
    this.#spare = undefined;
    return buffer;
  }

  #bufferOf(size: number): Uint8Array<ArrayBuffer> {
    if (this.#spare?.byteLength !== size) this.#spare = uninitialized(size);
    return this.#spare;
  }

  /** A reader that wants more than came (an element, `min`) leaves its request as it was, `taken` bytes further on. */
  #notePartial(controller: ReadableByteStreamController, byteOffset: number, byteLength: number, taken: number): void {
    const next = controller.byobRequest?.view;
    const same = next?.byteOffset === byteOffset && next.byteLength === byteLength;
    this.#partial = same ? this.#partial + taken : 0;
  }

  /** A request that is still pending is answered after the close, with nothing: the other order is an error. */
  protected conclude(controller: ReadableByteStreamController): void {
    controller.close();
    controller.byobRequest?.respond(0);
  }

  protected notRead(queued: number): Uint8Array<ArrayBuffer>[] {
    const queue = queued > 0 ? this.#delivered.slice(-queued) : new Uint8Array(0);
    return [this.#filled(), queue, ...this.#given].filter(({ byteLength }) => byteLength > 0);
  }

  /** A copy of what is in the pending request already. */
  #filled(): Uint8Array<ArrayBuffer> {
    const view = this.#partial > 0 ? this.controller?.byobRequest?.view : undefined;
    if (!view) return new Uint8Array(0);
    return new Uint8Array(view.buffer, view.byteOffset - this.#partial, this.#partial).slice();
  }
}

function concatenated(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.byteLength + second.byteLength);
  whole.set(first);
  whole.set(second, first.byteLength);
  return whole;
}
