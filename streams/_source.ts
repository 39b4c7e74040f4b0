import type { Descriptor } from "../ffi/descriptor.ts";
import type { Failure } from "./_sink.ts";
import { turn } from "./_turn.ts";

/** What the two kinds of controller have in common. */
interface Controller {
  readonly desiredSize: number | null;
  close(): void;
  error(reason: unknown): void;
}

/**
 * The receiving direction of an end: receives when somebody asks, waits when there is nothing, and ends once. What a
 * chunk is, its subclasses know.
 */
export abstract class Source<C extends Controller, T> {
  /** The stream that this is the underlying source of. */
  abstract readonly readable: ReadableStream<unknown>;
  protected readonly descriptor: Descriptor;
  readonly #onEnd: (failure?: Failure) => void;
  protected controller: C | undefined;
  #ended = false;
  /** Whether it was cancelled: what had come is lost. */
  #refused = false;
  /** Settles the pull that waits. */
  #resolve: (() => void) | undefined;

  /**
   * @param descriptor The descriptor to receive from, which stays its owner's
   * @param onEnd Called once when nothing more will be received, with why if it was not in order
   */
  constructor(descriptor: Descriptor, onEnd: (failure?: Failure) => void) {
    this.descriptor = descriptor;
    this.#onEnd = onEnd;
  }

  /** Receives what can be had now. False if nothing can; the end of the stream is {@linkcode Source.finish}ed. */
  protected abstract deliver(controller: C): boolean;

  /** Closes the controller, with whatever a pending request needs beyond that. */
  protected abstract conclude(controller: C): void;

  /** Whether a request stands that outlives its reader: no other is made before it is answered. */
  protected get mustAnswer(): boolean {
    return false;
  }

  /** What was received and not read, of which the stream's queue holds `queued` (in its own measure). */
  protected abstract notRead(queued: number): T[];

  /** Whether nothing more will be received. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether a pull has waited before this attempt. */
  protected get waits(): boolean {
    return this.#resolve !== undefined;
  }

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsource-start} */
  start(controller: C): void {
    this.controller = controller;
  }

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsource-pull} */
  pull(controller: C): void | Promise<void> {
    // What ask() waits for is what this would wait for.
    if (this.#resolve !== undefined) return new Promise((resolve) => this.#resolve = resolve);
    if (this.#attempt(controller) || this.descriptor.persist(() => this.#attempt(controller))) return turn();
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.descriptor.waitReadable(this.#retry);
    });
  }

  /** Receives, now or as soon as there is something, although the stream does not pull. */
  protected ask(): void {
    if (this.#ended || this.#resolve !== undefined) return;
    this.#resolve = () => {};
    this.#retry();
  }

  /** @see {@link https://streams.spec.whatwg.org/#dom-underlyingsource-cancel} */
  cancel(): void {
    if (this.#ended) return;
    this.#refused = true;
    this.#end();
    try {
      this.descriptor.shutdownRead();
    } catch (reason) {
      this.#onEnd({ reason, fatal: true });
      throw reason;
    }
    this.#onEnd();
  }

  /** Ends the direction, a pending read with it: as done, or with an error. */
  finish(failure?: Failure): void {
    if (this.#ended) return;
    this.#end();
    this.#onEnd(failure === undefined ? this.#close() : this.#fail(failure));
  }

  #fail(failure: Failure): Failure {
    this.controller!.error(failure.reason);
    return failure;
  }

  /** Fails where the end comes in the middle of what a reader has asked for: an element of several bytes. */
  #close(): Failure | undefined {
    try {
      this.conclude(this.controller!);
      return undefined;
    } catch (reason) {
      return { reason };
    }
  }

  /** What was received and nobody has read. The streams here have a high-water mark of 0. */
  unread(): T[] {
    return this.#refused ? [] : this.notRead(-(this.controller!.desiredSize ?? 0));
  }

  /** True unless there is nothing yet. */
  #attempt(controller: C): boolean {
    try {
      return this.deliver(controller);
    } catch (reason) {
      this.finish({ reason });
      return true;
    }
  }

  readonly #retry = (failure?: Failure): void => {
    if (failure !== undefined) return this.finish(failure);
    // Whoever asked has let go of the stream: what has come stays where it is, for the next to ask.
    if (!this.readable.locked && !this.mustAnswer) return this.#settle();
    const resolve = this.#resolve;
    if (!this.#attempt(this.controller!)) this.descriptor.waitReadable(this.#retry);
    else if (this.#resolve === resolve) this.#settle();
    // Behind ask() the stream pulls in the midst of it.
    else if (!this.#ended) this.#retry();
  };

  #end(): void {
    this.#ended = true;
    this.descriptor.cancelReadable();
    this.#settle();
  }

  #settle(): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.();
  }
}
