import type { Descriptor } from "../ffi/descriptor.ts";
import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
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
  #delivered: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  /** What the next chunk is received into. */
  #spare: Uint8Array<ArrayBuffer> | undefined;
  /** How much of the pending request is filled. */
  #partial = 0;
  #controller: ReadableByteStreamController | undefined;
  /** What an earlier owner of the descriptor had received. */
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
  }

  protected deliver(controller: ReadableByteStreamController): boolean {
    this.#controller = controller;
    const given = this.#given.shift();
    if (given !== undefined) {
      this.#delivered = given.slice();
      controller.enqueue(given);
      return true;
    }
    const view = controller.byobRequest?.view;
    const direct = view && !this.waits && this.#ahead === 0 && this.#partial === 0;
    return direct ? this.#answer(controller, view) : this.#enqueue(controller, view);
  }

  protected override get mustAnswer(): boolean {
    return Boolean(this.#controller?.byobRequest);
  }

  /** Straight into the view of a reader that is asking right now. */
  #answer(controller: ReadableByteStreamController, view: ArrayBufferView): boolean {
    const received = this.descriptor.receiveInto(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    if (received === WOULD_BLOCK) return false;
    if (received === END) {
      this.finish();
      return true;
    }
    const { byteOffset, byteLength } = view;
    controller.byobRequest!.respond(received);
    this.#notePartial(controller, byteOffset + received, byteLength - received, received);
    return true;
  }

  /**
   * As a chunk, with which the stream does what is right for whoever reads by now: the reader that brought a view may have let
   * go of the stream while this waited, and another may wait for chunks.
   */
  #enqueue(controller: ReadableByteStreamController, view: ArrayBufferView | null | undefined): boolean {
    const { scratch } = this.descriptor;
    const limit = view ? view.byteLength + this.#ahead : Math.max(CHUNK_SIZE, this.#ahead);
    const buffer = this.#bufferOf(Math.min(limit, scratch.byteLength));
    const received = this.descriptor.receiveInto(buffer);
    if (received === WOULD_BLOCK) return false;
    if (received === END) {
      this.finish();
      return true;
    }
    const full = received === buffer.byteLength;
    const chunk = full ? buffer : buffer.slice(0, received);
    if (full) this.#spare = undefined;
    // The stream takes a chunk's buffer for itself, so what may have to be given back is kept as a copy.
    if (this.#ahead > 0 || !this.readable.locked) this.#delivered = chunk.slice();
    const { byteOffset = 0, byteLength = 0 } = view ?? {};
    controller.enqueue(chunk);
    if (view) this.#notePartial(controller, byteOffset + received, byteLength - received, received);
    return true;
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
    const { buffer, byteOffset = 0 } = this.#controller?.byobRequest?.view ?? {};
    const partial = buffer && this.#partial > 0
      ? [new Uint8Array(buffer, byteOffset - this.#partial, this.#partial).slice()]
      : [];
    return [...partial, ...(queued > 0 ? [this.#delivered.slice(-queued)] : []), ...this.#given];
  }
}
