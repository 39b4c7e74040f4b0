import { immediate } from "../ffi/host.ts";
import { isPassing, isRefusal } from "../ffi/errors.ts";
import type { Socket } from "../ffi/socket.ts";
import type { Failure, Sender } from "./_format.ts";
import { resolved } from "./_resolved.ts";
import { SendQueue, TRIES, type Waiting } from "./_send_queue.ts";
import { turn } from "./_turn.ts";
import { type Chunk, joined, lengthOf, partsOf } from "./chunk.ts";

const CLOSED = "Cannot write: the end is closed";

/**
 * The sending direction of an end. What the kernel does not take at once waits in one queue: chunks of the stream, calls,
 * flushes and the end, in the order in which they came. The direction ends once.
 */
export class Sink {
  readonly #socket: Socket;
  readonly #sender: Sender<never>;
  readonly #caller: Sender<Chunk> | undefined;
  readonly #onEnd: (failure: Failure | undefined) => Failure | undefined;
  readonly #queue: SendQueue;
  /** "due": all that was accepted is sent, and the end waits for the stream to say whether its writer has closed it too. */
  #state: "open" | "closing" | "due" | "ended" = "open";
  #failure: Failure | undefined;
  /** Whether the direction has ended with all sent that was accepted. */
  #allSent = false;
  #writable: WritableStream<never> | undefined;
  #controller: WritableStreamDefaultController | undefined;
  /** What ends the direction although a writer has the lock: no chunk that comes behind it is taken. */
  #last: Waiting | undefined;
  /** How many chunks the stream has been given and has not handed on. */
  #inStream = 0;
  /** Where the first write of a new stream came from: it is made later, when its caller has gone from the stack. */
  #origin: Error | undefined;

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
    this.#queue = new SendQueue(socket.watch, sender, (error) => this.finish({ reason: socket.cause(error) }));
  }

  /** Whether nothing more will be sent. */
  get ended(): boolean {
    return this.#state === "ended";
  }

  /** Whether anything is on its way. */
  get busy(): boolean {
    if (this.ended) return false;
    return this.#state === "due" || !this.#queue.isEmpty || this.#inStream > 0 || this.#sender.gathers;
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
      write: this.#write,
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

  readonly #write = (chunk: never): void | Promise<void> => {
    if (this.#state === "due") this.#takeAway();
    // It was written after close(), although the writer had the lock still.
    if (this.#last?.behind === 0) throw new TypeError(CLOSED);
    const place = this.#queue.placeOfNext();
    const sent = place === 0 && this.#attemptNow(chunk);
    this.#origin = undefined;
    // It counts until here: the end that it goes through is busy, and cannot be sent through itself.
    this.#inStream -= 1;
    if (sent) return turn();
    return new Promise((resolve, reject) => {
      const attempt = () => this.#sender.send(chunk);
      this.#queue.insert({ behind: 0, attempt, done: () => resolve(), failed: reject }, place);
    });
  };

  #attemptNow(chunk: never): boolean {
    try {
      if (!this.#sender.send(chunk)) return false;
    } catch (error) {
      if (isPassing(error)) return false;
      const reason = this.#socket.cause(error);
      if (reason instanceof Error) showCaller(reason, this.#write, this.#origin);
      this.#queue.drainAtOnce();
      this.#end({ reason });
      throw reason;
    }
    if (this.#sender.gathers) this.#queue.drainSoon();
    if (!this.#queue.isEmpty) this.#queue.goOn();
    return true;
  }

  /** Sends what a call writes, now or when there is room. Resolves to the number of bytes. */
  call(chunk: Chunk, signal: AbortSignal | undefined): Promise<number> {
    try {
      this.#checkCall(signal);
      const length = lengthOf(partsOf(chunk));
      if (this.#queue.isEmpty && this.#inStream === 0 && this.#callNow(chunk)) {
        return turn(length, this.#caller!.gathers)?.then(() => length) ?? resolved(length);
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
    if (caller.gathers) this.#queue.drainSoon();
    return true;
  }

  /** What a call that failed is told. The direction goes on if nothing of the chunk is sent and others may go. */
  #refused(error: unknown, caller: Sender<Chunk>): unknown {
    const reason = this.#socket.cause(error);
    if (caller.midway || !isRefusal(reason)) this.finish({ reason });
    return reason;
  }

  #wait(chunk: Chunk, signal: AbortSignal | undefined, resolve: () => void, reject: (reason: unknown) => void): void {
    const caller = this.#caller!;
    let sending = chunk;
    const abort = () => {
      reject(signal!.reason);
      // What the kernel has a part of is sent whole, from a copy: the memory is the caller's again.
      if (caller.midway && this.#queue.isFirst(waiting)) sending = joined(partsOf(chunk));
      else this.#queue.remove(waiting);
    };
    const forget = () => signal?.removeEventListener("abort", abort);
    const waiting: Waiting = {
      behind: this.#inStream,
      attempt: () => {
        try {
          return caller.send(sending);
        } catch (error) {
          if (isPassing(error) && this.#queue.tries < TRIES) throw error;
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
    this.#queue.insert(waiting);
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
    this.#queue.drainNow();
  }

  /** Accepts nothing more, and ends the direction when what was accepted is sent. */
  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    // A stream that is not locked can be closed in order. From a writer that has the lock it is taken away.
    if (this.#writable === undefined) this.#insertLast(() => void this.#endInOrder(), () => {});
    else if (!this.#writable.locked) this.#writable.close().catch(() => {});
    else this.#last = this.#insertLast(() => this.#takeAwaySoon(), () => {});
  }

  /** A writer that has closed the stream itself is told that this went well: the stream asks for it by then. */
  #takeAwaySoon(): void {
    this.#state = "due";
    immediate(() => this.#takeAway());
  }

  #takeAway(): void {
    if (this.ended) return;
    this.#controller?.error(new TypeError(CLOSED));
    this.#endInOrder();
  }

  #closeStream(): Promise<void> {
    this.#state = "closing";
    // The stream has handed on all it holds. A chunk that it has refused since it is to close, it has counted all the same.
    this.#inStream = 0;
    this.#queue.release();
    return new Promise((resolve, reject) => {
      const end = () => {
        const failure = this.#endInOrder();
        if (failure === undefined) resolve();
        else reject(failure.reason);
      };
      // closeWrite() may have ended the direction just now.
      if (this.ended) end();
      else this.#insertLast(end, reject);
    });
  }

  #insertLast(done: () => void, failed: (reason: unknown) => void): Waiting {
    const waiting = { behind: this.#inStream, attempt: () => this.#sender.drain(), done, failed };
    this.#queue.insert(waiting);
    return waiting;
  }

  /** Ends the direction from this side: what waits, and what is written from now on, fails. */
  finish(failure?: Failure): void {
    if (this.ended) return;
    this.#controller?.error(failure?.reason ?? new TypeError(CLOSED));
    this.#end(failure);
  }

  /** All is sent that was accepted. */
  #endInOrder(): Failure | undefined {
    if (!this.ended) this.#allSent = true;
    return this.#end(undefined);
  }

  #end(failure: Failure | undefined): Failure | undefined {
    if (this.ended) return this.#failure;
    this.#state = "ended";
    this.#failure = failure;
    this.#queue.end(failure?.reason ?? new TypeError(CLOSED));
    return this.#failure = this.#onEnd(failure) ?? failure;
  }
}

/** Leaves our own frames out of an error's stack: ten frames are few, and the runtime's streams take most of them. */
function showCaller(error: Error, callee: (chunk: never) => unknown, origin: Error | undefined): void {
  if (origin === undefined) (Error as { captureStackTrace?(error: Error, above: unknown): void }).captureStackTrace?.(error, callee);
  else error.stack = `${error}\n${origin.stack?.split("\n").slice(1).join("\n")}`;
}
