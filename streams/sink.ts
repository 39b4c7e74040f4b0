import { immediate } from "../ffi/host.ts";
import { isPassing, isRefusal } from "../ffi/errors.ts";
import type { Socket } from "../ffi/socket.ts";
import type { Failure, Sender } from "./_format.ts";
import { later } from "./_later.ts";
import { turn } from "./_turn.ts";
import { type Chunk, joined, lengthOf, partsOf } from "./chunk.ts";

/** Something that waits for its turn: a chunk of the stream, a call, a flush, or the end. */
interface Waiting {
  /** How many chunks that the stream still holds come before it. */
  behind: number;
  /** Sends. False if the kernel would not take all of it now. */
  attempt(): boolean;
  /** All of it is sent. */
  done(): void;
  /** It will not be sent. */
  failed(reason: unknown): void;
}

const CLOSED = "Cannot write: the end is closed";

/** How often a send is tried again that fails for a reason which passes, and after how many milliseconds. */
const TRIES = 200;
const PAUSE = 5;

/**
 * The sending direction of an end. What the kernel does not take at once waits in one queue: chunks of the stream, calls,
 * flushes and the end, in the order in which they came. The direction ends once.
 */
export class Sink {
  readonly #socket: Socket;
  readonly #sender: Sender<never>;
  readonly #caller: Sender<Chunk> | undefined;
  readonly #onEnd: (failure: Failure | undefined) => Failure | undefined;
  readonly #queue: Waiting[] = [];
  /** "due": all that was accepted is sent, and the end waits for the stream to say whether its writer has closed it too. */
  #state: "open" | "closing" | "due" | "ended" = "open";
  #failure: Failure | undefined;
  /** Whether the direction has ended with all sent that was accepted. */
  #allSent = false;
  #writable: WritableStream<never> | undefined;
  #controller: WritableStreamDefaultController | undefined;
  /** How many chunks the stream has been given and has not handed on. */
  #inStream = 0;
  /** Where the first write of a new stream came from: it is made later, when its caller has gone from the stack. */
  #origin: Error | undefined;
  #drainsSoon = false;
  #tries = 0;

  /**
   * @param sender Sends the stream's chunks
   * @param caller Sends what calls write; undefined where calls are not allowed
   * @param onEnd Called once when nothing more will be sent. Gives why the peer could not be told
   */
  constructor(
    socket: Socket,
    sender: Sender<never>,
    caller: Sender<Chunk> | undefined,
    onEnd: (failure: Failure | undefined) => Failure | undefined,
  ) {
    this.#socket = socket;
    this.#sender = sender;
    this.#caller = caller;
    this.#onEnd = onEnd;
  }

  /** Whether nothing more will be sent. */
  get ended(): boolean {
    return this.#state === "ended";
  }

  /** Whether anything is on its way. */
  get busy(): boolean {
    if (this.ended) return false;
    return this.#state === "due" || this.#queue.length > 0 || this.#inStream > 0 || this.#sender.gathers;
  }

  /** The stream, made when it is first asked for. */
  stream(): WritableStream<never> {
    return this.#writable ??= this.#open();
  }

  #open(): WritableStream<never> {
    let started = false;
    const size = (): number => {
      // The stream asks for the size of every chunk as soon as it is written: the one moment to count those that it holds.
      this.#inStream += 1;
      if (!started) this.#origin ??= new Error();
      return 1;
    };
    void Promise.resolve().then(() => started = true);
    return new WritableStream<never>({
      start: (controller) => this.#start(controller),
      write: (chunk) => this.#write(chunk),
      close: () => this.#closeStream(),
      abort: (reason) => void this.#end({ reason }),
    }, { highWaterMark: 1, size });
  }

  #start(controller: WritableStreamDefaultController): void {
    this.#controller = controller;
    if (this.ended) controller.error(this.#failure?.reason ?? new TypeError(CLOSED));
    // The stream calls abort() only after the write or close under way has settled: the signal is what ends that. The stream
    // itself turns erroring next; told of an error here, it would take abort() for one too many, and reject it.
    const { signal } = controller;
    signal.addEventListener("abort", () => void this.#end({ reason: signal.reason }));
  }

  #write(chunk: never): void | Promise<void> {
    if (this.#state === "due") {
      this.#takeAway();
      throw new TypeError(CLOSED);
    }
    let place = this.#queue.findIndex(({ behind }) => behind > 0);
    if (place < 0) place = this.#queue.length;
    for (const waiting of this.#queue) if (waiting.behind > 0) waiting.behind -= 1;
    const sent = place === 0 && this.#attemptNow(chunk);
    // It counts until here: the end that it goes through is busy, and cannot be sent through itself.
    this.#inStream -= 1;
    if (sent) return turn();
    return new Promise((resolve, reject) => {
      const attempt = () => this.#sender.send(chunk);
      this.#insert(place, { behind: 0, attempt, done: () => resolve(), failed: reject });
    });
  }

  #attemptNow(chunk: never): boolean {
    try {
      if (!this.#sender.send(chunk)) return false;
    } catch (error) {
      if (isPassing(error)) return false;
      const reason = this.#socket.cause(error);
      restoreStack(reason, this.#origin);
      this.#drainAtOnce();
      this.#end({ reason });
      throw reason;
    }
    if (this.#sender.gathers) this.#drainSoon();
    if (this.#queue.length > 0) this.#goOn();
    return true;
  }

  /** Sends what a call writes, now or when there is room. Resolves to the number of bytes. */
  call(chunk: Chunk, signal: AbortSignal | undefined): Promise<number> {
    try {
      this.#checkCall(signal);
      const length = lengthOf(partsOf(chunk));
      if (this.#queue.length === 0 && this.#inStream === 0 && this.#callNow(chunk)) {
        return turn()?.then(() => length) ?? Promise.resolve(length);
      }
      return new Promise((resolve, reject) => this.#wait(chunk, signal, () => resolve(length), reject));
    } catch (reason) {
      return Promise.reject(reason);
    }
  }

  #checkCall(signal: AbortSignal | undefined): void {
    if (this.#caller === undefined) {
      throw new TypeError("Cannot write: chunks of this end are messages, which go by writable");
    }
    if (this.#writable?.locked) throw new TypeError("Cannot write: the writable is locked, and its writer writes");
    signal?.throwIfAborted();
    if (this.#state !== "open") throw this.#failure?.reason ?? new TypeError(CLOSED);
  }

  #callNow(chunk: Chunk): boolean {
    const caller = this.#caller!;
    try {
      if (!caller.send(chunk)) return false;
    } catch (error) {
      if (isPassing(error)) return false;
      throw this.#refused(error, caller);
    }
    if (caller.gathers) this.#drainSoon();
    return true;
  }

  /** What a call that failed is told. The direction goes on if nothing of the chunk is sent and others may go. */
  #refused(error: unknown, caller: Sender<Chunk>): unknown {
    const reason = this.#socket.cause(error);
    if (caller.midway || !isRefusal(reason)) this.#fail(reason);
    return reason;
  }

  #wait(chunk: Chunk, signal: AbortSignal | undefined, resolve: () => void, reject: (reason: unknown) => void): void {
    const caller = this.#caller!;
    let sending = chunk;
    const abort = () => {
      reject(signal!.reason);
      // What the kernel has a part of is sent whole, from a copy: the memory is the caller's again.
      if (caller.midway && this.#queue[0] === waiting) sending = joined(partsOf(chunk));
      else this.#remove(waiting);
    };
    const forget = () => signal?.removeEventListener("abort", abort);
    const waiting: Waiting = {
      behind: this.#inStream,
      attempt: () => {
        try {
          return caller.send(sending);
        } catch (error) {
          if (isPassing(error) && this.#tries < TRIES) throw error;
          forget();
          reject(this.#refused(error, caller));
          return true;
        }
      },
      done: () => {
        forget();
        resolve();
      },
      failed: (reason) => {
        forget();
        reject(reason);
      },
    };
    signal?.addEventListener("abort", abort);
    this.#insert(this.#queue.length, waiting);
  }

  /** Resolves when all that was written before is sent. */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      // Behind a close that waits there is nothing to send: the end in order is what it has waited for.
      const ended = (reason: unknown) => this.#allSent ? resolve() : reject(reason);
      if (this.ended) ended(this.#failure?.reason ?? new TypeError(CLOSED));
      else this.#insertLast(resolve, ended);
    });
  }

  /** Sends at once what was gathered, as far as the kernel takes it. */
  drainNow(): void {
    if (this.#queue.length === 0 && this.#sender.gathers) this.#serve();
  }

  /** Accepts nothing more, and ends the direction when what was accepted is sent. */
  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    // A stream that is not locked can be closed in order. From a writer that has the lock it is taken away.
    if (this.#writable === undefined) this.#insertLast(() => void this.#end(undefined), () => {});
    else if (!this.#writable.locked) this.#writable.close().catch(() => {});
    else this.#insertLast(() => this.#takeAwaySoon(), () => {});
  }

  /** A writer that has closed the stream itself is told that this went well: the stream asks for it by then. */
  #takeAwaySoon(): void {
    this.#state = "due";
    immediate(() => this.#takeAway());
  }

  #takeAway(): void {
    if (this.ended) return;
    this.#controller?.error(new TypeError(CLOSED));
    this.#end(undefined);
  }

  #closeStream(): Promise<void> {
    this.#state = "closing";
    // The stream has handed on all it holds. A chunk that it has refused since it is to close, it has counted all the same.
    this.#inStream = 0;
    for (const waiting of this.#queue) waiting.behind = 0;
    if (this.#queue.length > 0) this.#goOn();
    return new Promise((resolve, reject) => {
      const end = () => {
        const failure = this.#end(undefined);
        if (failure === undefined) resolve();
        else reject(failure.reason);
      };
      // closeWrite() may have ended the direction just now.
      if (this.ended) end();
      else this.#insertLast(end, reject);
    });
  }

  #insertLast(done: () => void, failed: (reason: unknown) => void): void {
    const attempt = () => this.#sender.drain();
    this.#insert(this.#queue.length, { behind: this.#inStream, attempt, done, failed });
  }

  #insert(place: number, waiting: Waiting): void {
    this.#queue.splice(place, 0, waiting);
    if (place === 0) this.#goOn();
  }

  #remove(waiting: Waiting): void {
    const place = this.#queue.indexOf(waiting);
    if (place < 0) return;
    this.#queue.splice(place, 1);
    if (place === 0) this.#goOn();
  }

  #goOn(): void {
    if (this.#serve()) this.#socket.watch.cancelWritable();
    else this.#socket.watch.waitWritable(this.#retry);
  }

  readonly #retry = (failure?: Failure): boolean => {
    if (failure !== undefined) this.#fail(failure.reason);
    return this.ended || this.#serve();
  };

  /** Serves those that wait, in order, then what was gathered. False if the kernel would not take more now. */
  #serve(): boolean {
    for (;;) {
      const first = this.#queue[0];
      if (first === undefined) return this.#drain();
      if (first.behind > 0) return true;
      try {
        if (!first.attempt()) return false;
      } catch (error) {
        if (isPassing(error) && this.#tries++ < TRIES) {
          later(PAUSE, () => void (this.ended || this.#goOn()));
          return true;
        }
        this.#drainAtOnce();
        this.#fail(this.#socket.cause(error));
        return true;
      }
      this.#tries = 0;
      if (this.ended) return true;
      this.#queue.shift();
      first.done();
    }
  }

  #drain(): boolean {
    if (this.ended) return true;
    try {
      return this.#sender.drain();
    } catch (error) {
      this.#fail(this.#socket.cause(error));
      return true;
    }
  }

  /** Once this turn of the event loop is over: a writer that goes on writing fills its buffer until then. */
  #drainSoon(): void {
    if (this.#drainsSoon) return;
    this.#drainsSoon = true;
    immediate(() => {
      this.#drainsSoon = false;
      if (this.#queue.length === 0) this.#goOn();
    });
  }

  /** What was accepted before a chunk that is refused still goes, as far as there is room. */
  #drainAtOnce(): void {
    try {
      this.#sender.drain();
    } catch {
      // The direction ends anyhow.
    }
  }

  /** Ends the direction from this side: what waits, and what is written from now on, fails. */
  finish(failure?: Failure): void {
    if (this.ended) return;
    this.#controller?.error(failure?.reason ?? new TypeError(CLOSED));
    this.#end(failure);
  }

  #fail(reason: unknown): void {
    this.finish({ reason });
  }

  #end(failure: Failure | undefined): Failure | undefined {
    if (this.ended) return this.#failure;
    this.#state = "ended";
    this.#failure = failure;
    this.#socket.watch.cancelWritable();
    const reason = failure?.reason ?? new TypeError(CLOSED);
    for (const waiting of this.#queue.splice(0)) waiting.failed(reason);
    return this.#failure = this.#onEnd(failure) ?? failure;
  }
}

/** Gives an error the frames of the call that it belongs to. */
function restoreStack(error: unknown, origin: Error | undefined): void {
  if (origin?.stack === undefined || !(error instanceof Error) || error.stack === undefined) return;
  error.stack += `\n${origin.stack.split("\n").slice(1).join("\n")}`;
}
