import type { Descriptor } from "../ffi/descriptor.ts";
import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import type { Failure } from "./_sink.ts";
import { Source } from "./_source.ts";

/** How much a default reader is given at most. */
const CHUNK_SIZE = 64 * 1024;

/** Receives bytes, into the reader's own view if it brings one: the underlying source of a byte stream. */
export class ByteSource extends Source<ReadableByteStreamController, Uint8Array<ArrayBuffer>> {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly type = "bytes";
  readonly #ahead: number;
  #delivered: Uint8Array<ArrayBuffer> = new Uint8Array(0);

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
    const { view } = controller.byobRequest ?? {};
    return view ? this.#answer(controller, view) : this.#deliverChunk(controller);
  }

  protected override get mustAnswer(): boolean {
    return Boolean(this.#controller?.byobRequest);
  }

  /** Into the reader's view; what was received ahead of it, into the stream's queue. */
  #answer(controller: ReadableByteStreamController, view: ArrayBufferView): boolean {
    const room = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const { scratch } = this.descriptor;
    const limit = Math.min(room.byteLength + this.#ahead, scratch.byteLength);
    const received = this.#ahead > 0 ? this.descriptor.receive(limit) : this.descriptor.receiveInto(room);
    if (received === WOULD_BLOCK) return false;
    if (received === END) {
      this.finish();
      return true;
    }
    const taken = Math.min(received, room.byteLength);
    if (this.#ahead > 0) room.set(scratch.subarray(0, taken));
    const rest = scratch.slice(taken, received);
    // With the reader gone, the answer too goes into the queue.
    if (!this.readable.locked) this.#delivered = room.slice(0, taken);
    else if (rest.byteLength > 0) this.#delivered = rest.slice();
    const { byteOffset } = view;
    controller.byobRequest!.respond(taken);
    // A reader that wants more than came (an element, `min`) leaves the request as it was, further on.
    const next = controller.byobRequest?.view?.byteOffset;
    this.#partial = next === byteOffset + taken ? this.#partial + taken : 0;
    if (received > taken) controller.enqueue(rest);
    return true;
  }

  #deliverChunk(controller: ReadableByteStreamController): boolean {
    const { scratch } = this.descriptor;
    const received = this.descriptor.receive(Math.min(Math.max(CHUNK_SIZE, this.#ahead), scratch.byteLength));
    if (received === WOULD_BLOCK) return false;
    if (received === END) {
      this.finish();
      return true;
    }
    const chunk = scratch.slice(0, received);
    // The stream takes a chunk's buffer for itself, so what may have to be given back is kept as a copy.
    if (this.#ahead > 0) this.#delivered = chunk.slice();
    controller.enqueue(chunk);
    return true;
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
