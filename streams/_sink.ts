import type { Descriptor } from "../ffi/descriptor.ts";
import type { Chunk } from "./_chunk.ts";

/** Why a direction ended out of order. */
export interface Failure {
  readonly reason: unknown;
}

/**
 * The sending direction of an end: a write is done when the kernel has taken the whole chunk, waits while the kernel
 * takes nothing, and the direction ends once. How a chunk is sent, its subclasses know.
 */
export abstract class Sink {
  protected readonly descriptor: Descriptor;
  readonly #onEnd: (failure?: Failure) => void;
  #controller: WritableStreamDefaultController | undefined;
  #ended = false;
  /** The write that waits. */
  #pending: { readonly chunk: Chunk; resolve(): void; reject(reason: unknown): void } | undefined;
  /** Chunks that the stream was given and the kernel has not taken. */
  #outstanding = 0;
  #flushed: (() => void) | undefined;

  /** @param onEnd Called once when nothing more will be sent, with why if it was not in order */
  constructor(descriptor: Descriptor, onEnd: (failure?: Failure) => void) {
    this.descriptor = descriptor;
    this.#onEnd = onEnd;
  }

  /** Sends a chunk, or goes on with one that was sent in part. False if the kernel would not take all of it now. */
  protected abstract deliver(chunk: Chunk): boolean;

  /** Whether nothing more will be sent. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether chunks are on their way. */
  get busy(): boolean {
    return !this.#ended && this.#outstanding > 0;
  }

  /** The stream asks for every chunk's size as soon as it is written: the one moment to count those that queue up. */
  readonly size = (): number => {
    this.#outstanding += 1;
    return 1;
  };

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsink-start} */
  start(controller: WritableStreamDefaultController): void {
    this.#controller = controller;
    // The stream calls abort() only after the write under way has settled: the signal is what ends it.
    controller.signal.addEventListener("abort", () => this.#reject(controller.signal.reason));
  }

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsink-write} */
  write(chunk: Chunk): void | Promise<void> {
    if (this.#attempt(chunk)) return;
    return new Promise((resolve, reject) => {
      this.#pending = { chunk, resolve, reject };
      this.#wait();
    });
  }

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsink-close} */
  close(): void {
    this.#end();
  }

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsink-abort} */
  abort(reason: unknown): void {
    this.#end({ reason });
  }

  /** Calls back when everything that was written has been taken, or never will be. */
  flush(flushed: () => void): void {
    if (this.busy) this.#flushed = flushed;
    else flushed();
  }

  /** Ends the direction from this side: whatever is written from now on, or still waits, fails with `reason`. */
  finish(reason: unknown, failure?: Failure): void {
    if (this.#ended) return;
    this.#controller!.error(reason);
    this.#reject(reason);
    this.#end(failure);
  }

  #attempt(chunk: Chunk): boolean {
    try {
      if (!this.deliver(chunk)) return false;
    } catch (reason) {
      this.#end({ reason });
      throw reason;
    }
    this.#outstanding -= 1;
    if (this.#outstanding === 0) this.#tellFlushed();
    return true;
  }

  readonly #retry = (): void => {
    const pending = this.#pending;
    if (pending === undefined) return;
    try {
      if (!this.#attempt(pending.chunk)) return this.#wait();
    } catch (reason) {
      return this.#reject(reason);
    }
    this.#pending = undefined;
    pending.resolve();
  };

  #wait(): void {
    try {
      this.descriptor.waitWritable(this.#retry);
    } catch (reason) {
      this.#end({ reason });
      this.#reject(reason);
    }
  }

  #reject(reason: unknown): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(reason);
  }

  #end(failure?: Failure): void {
    if (this.#ended) return;
    this.#ended = true;
    this.descriptor.cancelWritable();
    this.descriptor.shutdownWrite();
    this.#tellFlushed();
    this.#onEnd(failure);
  }

  #tellFlushed(): void {
    const flushed = this.#flushed;
    this.#flushed = undefined;
    flushed?.();
  }
}
