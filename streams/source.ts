import { CHUNK, isSpent, spend } from "../ffi/budget.ts";
import type { Socket } from "../ffi/socket.ts";
import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import { plainBytes } from "../ffi/views.ts";
import { ByteOutlet } from "./_byte_outlet.ts";
import type { Failure, Nothing, Receiver, Waiting } from "./_format.ts";
import { ChunkOutlet, isLocked, type Outlet } from "./_outlet.ts";
import { rejectOnAbort, resolved } from "./_promises.ts";
import { type Place, Queue } from "./_queue.ts";
import { abortReason } from "./signals.ts";
import { ByteReceiver } from "./bytes.ts";
import { bytesOf } from "./chunk.ts";

/** How a receiving direction ends: by EOF, by `cancel()`, by this end's own closing or handing on, or because something failed. */
export type ReceivingEnd = "end" | "cancelled" | "closed" | "handed on" | "failed";

const LOCKED = "Cannot read: the readable is locked, and its reader reads";
const GONE = "Cannot read into a buffer: it was detached or shrunk while the read waited";

/**
 * The receiving direction of an end. It receives when it is asked to, waits when there is nothing, and ends once. Calls and the
 * stream's request wait in one queue, in the order in which they came.
 */
export class Source {
  readonly #socket: Socket;
  readonly #receiver: Receiver<object>;
  readonly #onEnd: (how: ReceivingEnd, failure: Failure | undefined) => void;
  readonly #queue = new Queue<Waiting>();
  /** The stream's request, where it waits. */
  #request: Place<Waiting> | undefined;
  #outlet: Outlet | undefined;
  #isLast = false;
  #how: ReceivingEnd | undefined;
  #failure: Failure | undefined;

  /** @param onEnd Called once when nothing more will be received */
  constructor(
    socket: Socket,
    receiver: Receiver<object>,
    onEnd: (how: ReceivingEnd, failure: Failure | undefined) => void,
  ) {
    this.#socket = socket;
    this.#receiver = receiver;
    this.#onEnd = onEnd;
  }

  /** Whether nothing more will be received. */
  get ended(): boolean {
    return this.#how !== undefined;
  }

  /** Whether only what has arrived is still received: by this end's own wish, and not because the peer has ended. */
  get isLast(): boolean {
    return this.#isLast;
  }

  /** Whether a reader or a pipe has the lock of the stream. */
  get #isLocked(): boolean {
    return this.#outlet !== undefined && isLocked(this.#outlet.stream);
  }

  /** The stream, made when it is first asked for. */
  stream(): ReadableStream<unknown> {
    return (this.#outlet ??= this.#open()).stream;
  }

  #open(): Outlet {
    const receiver = this.#receiver;
    const outlet = receiver instanceof ByteReceiver ? new ByteOutlet(receiver, this) : new ChunkOutlet(receiver, this);
    if (this.#failure !== undefined) outlet.error(this.#failure.reason);
    else if (this.ended) outlet.close();
    return outlet;
  }

  /** Receives into a buffer, now or when something comes: the number of bytes, or null at EOF. */
  read(buffer: unknown, signal: AbortSignal | undefined): Promise<number | null> {
    const view = plainBytes(buffer) ?? bytesOf(buffer, "read into");
    if (this.#isLocked) return Promise.reject(new TypeError(LOCKED));
    if (signal?.aborted) return Promise.reject(abortReason(signal));
    if (this.#failure !== undefined) return Promise.reject(this.#failure.reason);
    if (this.ended) return Promise.resolve(null);
    // A zero-length read of a byte stream returns at once.
    if (view.byteLength === 0 && this.#receiver instanceof ByteReceiver) return Promise.resolve(0);
    try {
      this.#outlet?.giveBack();
      this.dropRequest();
      if (this.#queue.first === undefined && !isSpent()) {
        let count = this.#receive(view);
        if (count === WOULD_BLOCK) {
          this.#socket.watch.spinNow(() => (count = this.#receive(view)) !== WOULD_BLOCK);
        }
        if (count !== WOULD_BLOCK) return this.#settled(count);
      }
    } catch (reason) {
      return Promise.reject(reason);
    }
    return this.#wait(bytesOf(view, "read into"), signal);
  }

  /** Receives into a buffer what is there: the number of bytes, null at EOF, undefined where that would have to wait. */
  tryRead(buffer: unknown): number | null | undefined {
    const view = plainBytes(buffer) ?? bytesOf(buffer, "read into");
    if (this.#isLocked) throw new TypeError(LOCKED);
    if (!this.ended && view.byteLength === 0 && this.#receiver instanceof ByteReceiver) return 0;
    if (!this.ended) {
      this.#outlet?.giveBack();
      this.dropRequest();
      if (this.#queue.first !== undefined) return undefined;
      const count = this.#receive(view);
      if (count === WOULD_BLOCK) return undefined;
      if (count !== END) return count;
      this.finish("end");
    }
    if (this.#failure !== undefined) throw this.#failure.reason;
    return null;
  }

  /** Drops the stream's request when its reader has released the lock: the next reader queues behind calls that came meanwhile. */
  dropRequest(): void {
    const place = this.#request;
    if (place === undefined) return;
    this.#request = undefined;
    place.remove();
    if (this.#queue.first === undefined) this.#socket.watch.cancelReadable();
    place.item.ended(undefined);
  }

  /** Receives once. A record that is too long for the view is the caller's error, all others end the direction. */
  #receive(view: Uint8Array): number {
    try {
      return this.#orEnd(this.#receiver.read(view));
    } catch (reason) {
      if (!(reason instanceof RangeError)) this.finish("failed", { reason });
      throw reason;
    }
  }

  /** Where nothing more can arrive there is nothing to wait for, but the next turn where this one's budget is spent. */
  #orEnd<T>(outcome: T | Nothing): T | Nothing {
    return outcome === WOULD_BLOCK && this.#isLast && this.#socket.isEmpty() ? END : outcome;
  }

  #settled(count: number): Promise<number | null> {
    if (count === END) {
      this.finish("end");
      return this.#failure === undefined ? Promise.resolve(null) : Promise.reject(this.#failure.reason);
    }
    spend(CHUNK);
    return resolved(count);
  }

  #wait(view: Uint8Array, signal: AbortSignal | undefined): Promise<number | null> {
    const { byteLength } = view;
    const pending = Promise.withResolvers<number | null>();
    const { promise, resolve, reject } = pending;
    const place = this.#queue.push({
      attempt: () => {
        try {
          // Nothing has been received for it yet, so nothing is lost.
          if (view.byteLength !== byteLength) throw new TypeError(GONE);
          const count = this.#receive(view);
          if (count === WOULD_BLOCK) return false;
          if (count === END) this.finish("end");
          else {
            spend(CHUNK);
            resolve(count);
          }
        } catch (reason) {
          reject(reason);
        }
        return true;
      },
      ended: (failure) => failure === undefined ? resolve(null) : reject(failure.reason),
    });
    this.#socket.watch.waitReadable(this.#serve);
    rejectOnAbort(pending, signal, () => {
      place.remove();
      if (this.#queue.first === undefined) this.#socket.watch.cancelReadable();
    });
    return promise;
  }

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsource-pull} */
  pull(): void | Promise<void> {
    const isNext = this.#queue.first === undefined && !isSpent();
    if (isNext && (this.#deliver(false) || this.#socket.watch.spinNow(() => this.#deliver(false)))) return;
    return new Promise((resolve) => {
      this.#request = this.#queue.push({
        attempt: () => {
          // Its reader has let go of the stream: what has come stays where it is, for the next to ask.
          if (this.#isLocked && !this.#deliver(true)) return false;
          this.#request = undefined;
          resolve();
          return true;
        },
        ended: () => resolve(),
      });
      this.#socket.watch.waitReadable(this.#serve);
    });
  }

  /** Gives the stream its next chunk, or EOF. False if there is nothing yet. */
  #deliver(waited: boolean): boolean {
    try {
      const outcome = this.#orEnd(this.#outlet!.deliver(waited));
      if (outcome === WOULD_BLOCK) return false;
      if (outcome === END) this.finish("end");
      else spend(CHUNK);
    } catch (reason) {
      this.finish("failed", { reason });
    }
    return true;
  }

  /** Serves those that wait, in order. False if some still do. */
  readonly #serve = (failure?: Failure): boolean => {
    if (failure !== undefined && !this.#receiver.outlasts?.(failure.reason)) this.finish("failed", failure);
    for (let place = this.#queue.first; place !== undefined; place = this.#queue.first) {
      if (isSpent() || !place.item.attempt()) return false;
      place.remove();
    }
    return true;
  };

  /** Receives only what has arrived: then the direction ends, at once if nothing has. */
  receiveLast(): void {
    if (this.ended || this.#isLast) return;
    this.#isLast = true;
    for (let place = this.#queue.first; place?.item.attempt(); place = this.#queue.first) place.remove();
    // One that waited may have met EOF.
    if (this.ended || this.#queue.first !== undefined || this.hasUnread) return;
    if (this.#socket.isEmpty()) this.finish("end");
  }

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsource-cancel} */
  cancel(): void {
    this.#end("cancelled", undefined, true);
  }

  /** Ends the direction, those that wait with it: as done, or with an error. */
  finish(how: ReceivingEnd, failure?: Failure): void {
    if (this.ended) return;
    let cause = failure;
    const held = this.#receiver.discard !== undefined && this.#outlet?.holds === true;
    try {
      if (failure !== undefined) this.#outlet?.error(failure.reason);
      else this.#outlet?.close();
    } catch (reason) {
      // EOF has come in the middle of what a reader has asked for: an element of several bytes. Where this end closes, that is no
      // failure.
      if (how === "end") cause = { reason };
    }
    this.#end(how, cause, held);
  }

  /** @param held Whether the stream may hold a chunk that no reader has taken */
  #end(how: ReceivingEnd, failure: Failure | undefined, held: boolean): void {
    if (this.ended) return;
    this.#how = how;
    this.#failure = failure;
    this.#socket.watch.cancelReadable();
    for (const waiting of this.#queue.empty()) waiting.ended(failure);
    if (how !== "handed on") this.#receiver.discard?.(held);
    this.#onEnd(how, failure);
  }

  /** Whether anything was received and not read. */
  get hasUnread(): boolean {
    if (this.#how === "cancelled") return false;
    return (!this.ended && this.#outlet?.holds === true) || this.#receiver.unread().length > 0;
  }

  /**
   * All that was received and not read, as another owner of the descriptor takes it over. To be asked once: a stream that is locked
   * has it still.
   */
  unread(): unknown[] {
    if (this.#how === "cancelled") return [];
    if (!this.ended) this.#outlet?.giveBack();
    return this.#receiver.unread();
  }
}
