import type { Descriptor } from "../ffi/descriptor.ts";
import { immediate } from "../ffi/immediate.ts";
import { turn } from "./_turn.ts";

/** Why a direction ended out of order. */
export interface Failure {
  readonly reason: unknown;
  /** Whether the other direction must end too: the peer can be told in no other way. */
  readonly fatal?: boolean;
}

/**
 * The sending direction of an end: a write that the kernel does not take waits until it does, and the direction ends
 * once. How a chunk is sent, its subclasses know.
 */
export abstract class Sink<T> {
  /** The stream that this is the underlying sink of. */
  readonly writable: WritableStream<T>;
  protected readonly descriptor: Descriptor;
  readonly #onEnd: (failure?: Failure) => void;
  #controller: WritableStreamDefaultController | undefined;
  #ended = false;
  #failure: Failure | undefined;
  /** The write that waits. */
  #pending: { readonly chunk: T; resolve(): void; reject(reason: unknown): void } | undefined;
  /** Chunks that the stream was given and no write has settled. */
  #outstanding = 0;
  #drainsSoon = false;
  readonly #flushed: (() => void)[] = [];

  /** @param onEnd Called once when nothing more will be sent, with why if it was not in order */
  constructor(descriptor: Descriptor, onEnd: (failure?: Failure) => void) {
    this.descriptor = descriptor;
    this.#onEnd = onEnd;
    this.writable = new WritableStream(this, { highWaterMark: 1, size: this.size });
  }

  /** Sends a chunk, or goes on with one that was sent in part. False if the kernel would not take all of it now. */
  protected abstract deliver(chunk: T): boolean;

  /** Sends what earlier chunks have left to be sent later. False if the kernel would not take all of it now. */
  protected drain(): boolean {
    return true;
  }

  /** Whether earlier chunks have left something to be sent later. */
  protected get holdsBack(): boolean {
    return false;
  }

  /** Whether nothing more will be sent. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Why the direction has ended, if it was not in order. Known before anybody is woken by its end. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Whether anything is on its way. */
  get busy(): boolean {
    return !this.#ended && (this.#outstanding > 0 || this.holdsBack);
  }

  /** The stream asks for every chunk's size as soon as it is written: the one moment to count those that queue up. */
  readonly size = (): number => {
    this.#outstanding += 1;
    return 1;
  };

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsink-start} */
  start(controller: WritableStreamDefaultController): void {
    this.#controller = controller;
    // The stream calls abort() only after the write or close under way has settled: the signal is what ends that.
    const { signal } = controller;
    signal.addEventListener("abort", () => {
      this.#end({ reason: signal.reason });
      this.#reject(signal.reason);
    });
  }

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsink-write} */
  write(chunk: T): void | Promise<void> {
    // What is sent now may let the other end, in this thread, make room at once: nothing else may then be sent in the midst.
    if (this.holdsBack) this.descriptor.cancelWritable();
    if (this.#attempt(chunk)) return turn();
    return new Promise((resolve, reject) => {
      this.#pending = { chunk, resolve, reject };
      this.descriptor.waitWritable(this.#retry);
    });
  }

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsink-close} */
  close(): Promise<void> {
    // Writes that came after close() were counted and refused: nothing that was accepted is outstanding now.
    this.#outstanding = 0;
    return new Promise((resolve, reject) => {
      this.flush(() => {
        this.#end();
        if (this.#failure === undefined) resolve();
        else reject(this.#failure.reason);
      });
    });
  }

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsink-abort} */
  abort(reason: unknown): void {
    this.#end({ reason });
  }

  /** Calls back when everything that was written has been taken, or never will be. */
  flush(flushed: () => void): void {
    if (!this.busy) return flushed();
    this.#flushed.push(flushed);
    this.#drainSoon();
  }

  /** Ends the direction from this side: whatever is written from now on, or still waits, fails with `reason`. */
  finish(reason: unknown, failure?: Failure): void {
    if (this.#ended) return;
    this.#controller!.error(reason);
    this.#reject(reason);
    this.#end(failure);
  }

  #attempt(chunk: T): boolean {
    try {
      if (!this.deliver(chunk)) return false;
    } catch (reason) {
      this.#drainAtOnce();
      this.#end({ reason });
      throw reason;
    }
    this.#outstanding -= 1;
    if (this.holdsBack) this.#drainSoon();
    else this.#tellFlushed();
    return true;
  }

  /** What was accepted before a chunk that is refused still goes, as far as there is room. */
  #drainAtOnce(): void {
    try {
      this.drain();
    } catch {
      // The direction ends anyhow.
    }
  }

  readonly #retry = (failure?: Failure): void => {
    if (failure !== undefined) return this.#fail(failure.reason);
    const pending = this.#pending;
    if (pending === undefined) return this.#drainNow();
    try {
      if (!this.#attempt(pending.chunk)) return this.descriptor.waitWritable(this.#retry);
    } catch (reason) {
      return this.#reject(reason);
    }
    this.#pending = undefined;
    pending.resolve();
  };

  /** Once this turn of the event loop is over: a writer that goes on writing fills its buffer until then. */
  #drainSoon(): void {
    if (this.#drainsSoon || !this.holdsBack) return;
    this.#drainsSoon = true;
    immediate(() => {
      this.#drainsSoon = false;
      // A write that waits sends what is held back before itself.
      if (!this.#ended && this.#pending === undefined) this.#drainNow();
    });
  }

  #drainNow(): void {
    this.descriptor.cancelWritable();
    try {
      if (this.drain()) this.#tellFlushed();
      else this.descriptor.waitWritable(this.#retry);
    } catch (reason) {
      this.#fail(reason);
    }
  }

  #fail(reason: unknown): void {
    this.#controller!.error(reason);
    this.#reject(reason);
    this.#end({ reason });
  }

  #reject(reason: unknown): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(reason);
  }

  #end(failure?: Failure): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.descriptor.cancelWritable();
    try {
      this.descriptor.shutdownWrite();
    } catch (reason) {
      this.#failure = { reason, fatal: true };
    }
    this.#tellFlushed();
    this.#onEnd(this.#failure);
    // Not before: if the descriptor is closed by now, the peer is to see that, and a reset if something was left unread.
    this.descriptor.tellEnd();
  }

  #tellFlushed(): void {
    if (this.#flushed.length === 0 || this.busy) return;
    for (const flushed of this.#flushed.splice(0)) flushed();
  }
}
