import type { Socket } from "../ffi/socket.ts";
import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import { ByteOutlet } from "./_byte_outlet.ts";
import type { Failure, Receiver } from "./_format.ts";
import { ChunkOutlet, type Outlet } from "./_outlet.ts";
import { resolved } from "./_resolved.ts";
import { turn } from "./_turn.ts";
import { ByteReceiver } from "./bytes.ts";

/** How a receiving direction ends: by the peer, by `cancel()`, by this end's own closing, or because something failed. */
export type ReceivingEnd = "end" | "cancelled" | "closed" | "failed";

/** A read that waits: of the stream, or a call. */
interface Waiting {
  readonly ofStream: boolean;
  /** Receives. False if there is nothing yet. */
  attempt(): boolean;
  /** The direction has ended. */
  ended(failure: Failure | undefined): void;
}

/**
 * The receiving direction of an end. It receives when it is asked to, waits when there is nothing, and ends once. Calls and the
 * stream's request wait in one queue, in the order in which they came.
 */
export class Source {
  readonly #socket: Socket;
  readonly #receiver: Receiver<object>;
  readonly #onEnd: (how: ReceivingEnd, failure: Failure | undefined) => Failure | undefined;
  readonly #queue: Waiting[] = [];
  #outlet: Outlet | undefined;
  #how: ReceivingEnd | undefined;
  #failure: Failure | undefined;

  /** @param onEnd Called once when nothing more will be received. Gives why the peer could not be told */
  constructor(
    socket: Socket,
    receiver: Receiver<object>,
    onEnd: (how: ReceivingEnd, failure: Failure | undefined) => Failure | undefined,
  ) {
    this.#socket = socket;
    this.#receiver = receiver;
    this.#onEnd = onEnd;
  }

  /** Whether nothing more will be received. */
  get ended(): boolean {
    return this.#how !== undefined;
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

  /** Receives into a view, now or when something comes: the number of bytes, or null at the end. */
  read(view: Uint8Array, signal: AbortSignal | undefined): Promise<number | null> {
    if (this.#outlet?.stream.locked) {
      return Promise.reject(new TypeError("Cannot read: the readable is locked, and its reader reads"));
    }
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#failure !== undefined) return Promise.reject(this.#failure.reason);
    if (this.ended) return Promise.resolve(null);
    // Of bytes it takes nothing, and waits for nothing.
    if (view.byteLength === 0 && this.#receiver instanceof ByteReceiver) return Promise.resolve(0);
    try {
      this.#outlet?.giveBack(true);
      this.#dropRequest();
      if (this.#queue.length === 0) {
        let count = this.#receive(view);
        if (count === WOULD_BLOCK) {
          this.#socket.watch.persist(() => (count = this.#receive(view)) !== WOULD_BLOCK);
        }
        if (count !== WOULD_BLOCK) return this.#settled(count);
      }
    } catch (reason) {
      return Promise.reject(reason);
    }
    return new Promise((resolve, reject) => this.#wait(view, signal, resolve, reject));
  }

  /** The stream's request loses its place when its reader has let go: the next reader's comes behind the calls. */
  #dropRequest(): void {
    const place = this.#queue.findIndex(({ ofStream }) => ofStream);
    if (place >= 0) this.#queue.splice(place, 1)[0]!.ended(undefined);
  }

  /** Receives once. A record that is too long for the view is the caller's error, all others end the direction. */
  #receive(view: Uint8Array): number {
    try {
      return this.#receiver.read(view);
    } catch (reason) {
      if (!(reason instanceof RangeError)) this.finish("failed", { reason });
      throw reason;
    }
  }

  #settled(count: number): Promise<number | null> {
    if (count === END) {
      this.finish("end");
      return this.#failure === undefined ? Promise.resolve(null) : Promise.reject(this.#failure.reason);
    }
    return turn(count)?.then(() => count) ?? resolved(count);
  }

  #wait(
    view: Uint8Array,
    signal: AbortSignal | undefined,
    resolve: (count: number | null) => void,
    reject: (reason: unknown) => void,
  ): void {
    const abort = () => {
      this.#queue.splice(this.#queue.indexOf(waiting), 1);
      if (this.#queue.length === 0) this.#socket.watch.cancelReadable();
      reject(signal!.reason);
    };
    const settle = (how: () => void): true => {
      signal?.removeEventListener("abort", abort);
      how();
      return true;
    };
    const waiting: Waiting = {
      ofStream: false,
      attempt: () => {
        try {
          const count = this.#receive(view);
          if (count === WOULD_BLOCK) return false;
          if (count === END) this.finish("end");
          else settle(() => resolve(count));
          return true;
        } catch (reason) {
          return settle(() => reject(reason));
        }
      },
      ended: (failure) => settle(() => failure === undefined ? resolve(null) : reject(failure.reason)),
    };
    signal?.addEventListener("abort", abort);
    this.#queue.push(waiting);
    this.#socket.watch.waitReadable(this.#serve);
  }

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsource-pull} */
  pull(): void | Promise<void> {
    if (this.#queue.length === 0 && (this.#deliver(false) || this.#socket.watch.persist(() => this.#deliver(false)))) {
      return turn();
    }
    return new Promise((resolve) => {
      const attempt = () => {
        // Its reader has let go of the stream: what has come stays where it is, for the next to ask.
        const served = !this.#outlet!.stream.locked || this.#deliver(true);
        if (served) resolve();
        return served;
      };
      this.#queue.push({ ofStream: true, attempt, ended: () => resolve() });
      this.#socket.watch.waitReadable(this.#serve);
    });
  }

  /** Gives the stream its next chunk, or its end. False if there is nothing yet. */
  #deliver(waited: boolean): boolean {
    try {
      const outcome = this.#outlet!.deliver(waited);
      if (outcome === END) this.finish("end");
      return outcome !== WOULD_BLOCK;
    } catch (reason) {
      this.finish("failed", { reason });
      return true;
    }
  }

  /** Serves those that wait, in order. False if some still do. */
  readonly #serve = (failure?: Failure): boolean => {
    if (failure !== undefined) this.finish("failed", failure);
    for (;;) {
      const first = this.#queue[0];
      if (first === undefined) return true;
      if (!first.attempt()) return false;
      if (this.#queue[0] === first) this.#queue.shift();
    }
  };

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsource-cancel} */
  cancel(): void {
    const failure = this.#end("cancelled", undefined);
    if (failure !== undefined) throw failure.reason;
  }

  /** Ends the direction, those that wait with it: as done, or with an error. */
  finish(how: ReceivingEnd, failure?: Failure): void {
    if (this.ended) return;
    let cause = failure;
    try {
      if (failure !== undefined) this.#outlet?.error(failure.reason);
      else this.#outlet?.close();
    } catch (reason) {
      // The end has come in the middle of what a reader has asked for: an element of several bytes.
      cause = { reason };
    }
    this.#end(how, cause);
  }

  #end(how: ReceivingEnd, failure: Failure | undefined): Failure | undefined {
    if (this.ended) return undefined;
    this.#how = how;
    this.#failure = failure;
    this.#socket.watch.cancelReadable();
    for (const waiting of this.#queue.splice(0)) waiting.ended(failure);
    return this.#onEnd(how, failure);
  }

  /** All that was received and not read, as another owner of the descriptor takes it over. */
  unread(): unknown[] {
    if (this.#how === "cancelled") return [];
    if (!this.ended) this.#outlet?.giveBack(false);
    return this.#receiver.unread();
  }
}
