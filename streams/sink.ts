import { CHUNK, isSpent, spend } from "../ffi/budget.ts";
import { isGone, isPassing, isRefusal } from "../ffi/errors.ts";
import { soon } from "../ffi/host.ts";
import type { Socket } from "../ffi/socket.ts";
import { plainBytes } from "../ffi/views.ts";
import type { Failure, Sender, Waiting } from "./_format.ts";
import { Inlet, type Taker } from "./_inlet.ts";
import { rejectOnAbort, resolved } from "./_promises.ts";
import { type Place, SendQueue } from "./_send_queue.ts";
import { type Chunk, joined, lengthOf, type Parts } from "./chunk.ts";

const CLOSED = "Cannot write: the end is closed";

/**
 * The sending direction of an end. What the kernel does not take at once waits in one queue: chunks of the stream, calls,
 * flushes and the close, in the order in which they came. The direction ends once.
 */
export class Sink implements Taker {
  readonly #socket: Socket;
  readonly #sender: Sender<never, unknown>;
  readonly #caller: Sender<Chunk, Parts> | undefined;
  readonly #onEnd: (failure: Failure | undefined) => void;
  readonly #queue: SendQueue;
  #inlet: Inlet | undefined;
  #state: "open" | "closing" | "ended" = "open";
  #failure: Failure | undefined;
  #allSent = false;
  /** How many more chunks of the stream are taken: once the direction is closing, those that the stream held by then. */
  #accepts = Infinity;

  /**
   * @param sender Sends the stream's chunks
   * @param caller Sends what calls write; undefined where calls are not allowed
   * @param onEnd Called once when nothing more will be sent
   */
  constructor(
    socket: Socket,
    sender: Sender<never, unknown>,
    caller: Sender<Chunk, Parts> | undefined,
    onEnd: (failure: Failure | undefined) => void,
  ) {
    this.#socket = socket;
    this.#sender = sender;
    this.#caller = caller;
    this.#onEnd = onEnd;
    this.#queue = new SendQueue(socket.watch, sender, (error) => this.finish({ reason: socket.sendFailure(error) }));
  }

  /** Whether nothing more will be sent. */
  get ended(): boolean {
    return this.#state === "ended";
  }

  /** Whether the direction has ended with all sent that was accepted. */
  get allSent(): boolean {
    return this.#allSent;
  }

  /** Whether anything is on its way. */
  get busy(): boolean {
    if (this.ended) return false;
    return !this.#queue.isEmpty || this.#held > 0 || this.#sender.gathers;
  }

  /** The stream, made when it is first asked for. */
  stream(): WritableStream<never> {
    if (this.#inlet === undefined) {
      this.#inlet = new Inlet(this);
      if (this.ended && !this.#lapsed) this.#inlet.error(this.#refusal());
    }
    return this.#inlet.stream;
  }

  /** How many chunks the stream holds. */
  get #held(): number {
    return this.#inlet?.held ?? 0;
  }

  /** Whether the peer has gone and nothing was lost by it: the next write learns of it, and the stream has not failed. */
  get #lapsed(): boolean {
    return this.ended && this.#allSent && this.#failure !== undefined;
  }

  take(chunk: never): void | Promise<void> {
    if (this.ended) throw this.#refusal();
    // It was written after close(), although the writer had the lock still.
    if (this.#accepts === 0) throw new TypeError(CLOSED);
    const send = this.#sending(chunk);
    // A getter of the chunk's may have closed the end: this chunk is then refused.
    if (this.ended) throw this.#refusal();
    this.#accepts -= 1;
    if (!this.#queue.hasReady && !isSpent() && this.#takeNow(send)) return;
    return new Promise((resolve, reject) =>
      this.#queue.handOn({
        attempt: () => !isSpent() && send() && (resolve(), true),
        ended: (failure) => reject(reasonOf(failure)),
      })
    );
  }

  /** What sends a chunk, which is read here, once. What is wrong with it is said when its turn comes. */
  #sending(chunk: never): () => boolean {
    try {
      const prepared = this.#sender.prepare(chunk);
      return () => this.#sender.send(prepared);
    } catch (error) {
      return () => {
        throw error;
      };
    }
  }

  #takeNow(send: () => boolean): boolean {
    try {
      if (!send()) return false;
    } catch (error) {
      if (isPassing(error)) return false;
      const reason = this.#socket.sendFailure(error);
      this.#queue.drainAtOnce();
      this.#end({ reason });
      throw reason;
    }
    spend(CHUNK);
    if (this.#sender.gathers) this.#queue.drainSoon();
    this.#queue.handOn();
    return true;
  }

  /** Sends what a call writes, now or when there is room. Resolves to the number of bytes. */
  call(chunk: Chunk, signal: AbortSignal | undefined): Promise<number> {
    try {
      const caller = this.#checkCall(signal);
      const gathered = this.#isNext ? caller.gather?.(chunk) : undefined;
      if (gathered !== undefined) {
        this.#queue.drainSoon();
        return resolved(gathered);
      }
      const plain = plainBytes(chunk);
      const parts = plain ?? this.#prepare(chunk, caller);
      const length = lengthOf(parts);
      // Only now: a getter of the chunk's may have written, too.
      if (this.#isNext && this.#callNow(parts, caller)) return resolved(length);
      // While it waits, code of the caller's runs, and may change what a plain view says of itself.
      return this.#wait(plain === undefined ? parts : caller.prepare(chunk), length, caller, signal);
    } catch (reason) {
      return Promise.reject(reason);
    }
  }

  /**
   * Sends what a call writes now: the number of bytes, or undefined if that would have to wait. Of bytes, as many as there is room
   * for; a record with a length that was begun is sent to its end later, from a copy.
   */
  tryCall(chunk: Chunk): number | undefined {
    const caller = this.#checkCall(undefined);
    const parts = plainBytes(chunk) ?? this.#prepare(chunk, caller);
    const length = lengthOf(parts);
    if (!this.#queue.isEmpty || this.#held > 0) return undefined;
    if (this.#callNow(parts, caller, false)) return length;
    if (!caller.midway) return undefined;
    if (caller.stop !== undefined) return caller.stop();
    this.#wait(joined(parts), length, caller, undefined).catch(() => {});
    return length;
  }

  /** Whether a call may send now: nothing waits before it, and the budget is not spent. */
  get #isNext(): boolean {
    return this.#queue.isEmpty && this.#held === 0 && !isSpent();
  }

  #checkCall(signal: AbortSignal | undefined): Sender<Chunk, Parts> {
    if (this.#caller === undefined) {
      throw new TypeError("Cannot write: chunks of this end are messages, which go by writable");
    }
    if (this.#inlet?.isLocked) throw new TypeError("Cannot write: the writable is locked, and its writer writes");
    signal?.throwIfAborted();
    if (this.#state !== "open") throw this.#refusal();
    return this.#caller;
  }

  #prepare(chunk: Chunk, caller: Sender<Chunk, Parts>): Parts {
    const parts = caller.prepare(chunk);
    // A getter of the chunk's may have closed the end.
    if (this.#state !== "open") throw this.#refusal();
    return parts;
  }

  #callNow(parts: Parts, caller: Sender<Chunk, Parts>, gathers: boolean = true): boolean {
    try {
      const sent = gathers || caller.sendNow === undefined ? caller.send(parts) : caller.sendNow(parts);
      if (!sent) return false;
    } catch (error) {
      if (isPassing(error)) return false;
      throw this.#refused(error, caller);
    }
    spend(CHUNK);
    if (caller.gathers) this.#queue.drainSoon();
    return true;
  }

  /** What a call that failed is told. The direction goes on if nothing of the chunk is sent and others may go. */
  #refused(error: unknown, caller: Sender<Chunk, Parts>): unknown {
    const reason = this.#socket.sendFailure(error);
    if (caller.midway || !isRefusal(reason)) this.finish({ reason });
    return reason;
  }

  #wait(
    parts: Parts,
    length: number,
    caller: Sender<Chunk, Parts>,
    signal: AbortSignal | undefined,
  ): Promise<number> {
    let sending = parts;
    const pending = Promise.withResolvers<number>();
    const { promise, resolve, reject } = pending;
    const place: Place<unknown> = this.#queue.add(
      {
        attempt: () => {
          try {
            if (isSpent() || !caller.send(sending)) return false;
            resolve(length);
          } catch (error) {
            if (isPassing(error) && this.#queue.triesAgain) throw error;
            reject(this.#refused(error, caller));
          }
          return true;
        },
        ended: (failure) => reject(reasonOf(failure)),
      },
      this.#held,
      true,
    );
    rejectOnAbort(pending, signal, () => {
      if (!caller.midway || !this.#queue.isFirst(place)) return this.#queue.remove(place);
      try {
        // What the kernel has a part of is sent whole, from a copy: the memory is the caller's again.
        sending = joined(parts);
      } catch {
        // The memory has gone already: the next try meets it, and ends the direction.
      }
    });
    return promise;
  }

  /** Resolves when all that was written before is sent. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      // After close() nothing is left to send, so a clean end resolves the flush.
      if (!this.ended) this.#addLast(resolve, (failure) => this.#allSent ? resolve() : reject(reasonOf(failure)));
      else if (this.#allSent) resolve();
      else reject(this.#refusal());
    });
  }

  /** Sends at once what was gathered, as far as the kernel takes it. */
  drainNow(): void {
    this.#queue.drainNow();
  }

  /** Accepts nothing more, and ends the direction when what was accepted is sent. */
  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#accepts = this.#held;
    const inlet = this.#inlet;
    // The stream of a writer with the lock has not failed: the writer's next write is refused, and its close() resolves.
    if (inlet === undefined || inlet.hasWriter) this.#addLast(() => this.#endInOrder());
    else if (!inlet.isLocked) inlet.stream.close().catch(() => {});
    else this.#addLast(() => this.#endPipe(inlet));
  }

  /** A pipe whose source has finished closes the stream within this turn. For any other the stream fails: the pipe releases its source. */
  #endPipe(inlet: Inlet): void {
    this.#endInOrder();
    soon(() => inlet.error(new TypeError(CLOSED)));
  }

  closeStream(): Promise<void> {
    // close() may have ended the direction already.
    if (this.ended) return this.#allSent ? Promise.resolve() : Promise.reject(this.#refusal());
    this.#state = "closing";
    this.#queue.handOnAll();
    return new Promise((resolve, reject) => {
      const ended = (failure: Failure | undefined) => failure === undefined ? resolve() : reject(failure.reason);
      if (this.ended) ended(this.#failure);
      else this.#addLast(() => this.#endInOrder(), ended);
    });
  }

  /** Calls `done` when all is sent that was accepted before. */
  #addLast(done: () => void, ended: Waiting["ended"] = () => {}): void {
    this.#queue.add({ attempt: () => this.#sender.drain() && (done(), true), ended }, this.#held, false);
  }

  /** Ends the direction from this side: what waits, and what is written from now on, fails. */
  finish(failure?: Failure): void {
    if (this.ended) return;
    this.#inlet?.error(reasonOf(failure));
    this.#end(failure);
  }

  /** The peer is gone: an error of the stream only if anything was lost by it, else of who writes from now on. */
  peerGone(): void {
    if (this.ended) return;
    this.#allSent = !this.busy && !this.#socket.isReset;
    const failure = lazily(() => this.#socket.peerGoneError());
    if (this.#allSent) this.#end(failure);
    else this.finish(failure);
  }

  abort(reason: unknown): void {
    // By null Node's adapter says that a Duplex was destroyed without an error. What loses nothing by it has not failed.
    if (reason === null && !this.busy) return this.#endInOrder();
    this.#end({ reason: reason ?? new DOMException("The stream was aborted", "AbortError") });
  }

  #endInOrder(): void {
    if (this.ended) return;
    this.#allSent = true;
    this.#end(undefined);
  }

  #end(failure: Failure | undefined): void {
    if (this.ended) return;
    this.#state = "ended";
    this.#failure = failure;
    this.#queue.end(failure);
    this.#onEnd(failure);
  }

  /** Why nothing is taken any more. That the peer is gone is an error anew each time, whose stack is the writer's. */
  #refusal(): unknown {
    const reason = reasonOf(this.#failure);
    return isGone(reason) ? this.#socket.peerGoneError() : reason;
  }
}

/**
 * A failure whose error is made at the first look: a stack costs 20 microseconds, and a server mostly does not look at the error of a
 * client that has gone.
 */
function lazily(make: () => unknown): Failure {
  let reason: unknown;
  return {
    get reason() {
      return reason ??= make();
    },
  };
}

function reasonOf(failure: Failure | undefined): unknown {
  return failure === undefined ? new TypeError(CLOSED) : failure.reason;
}
