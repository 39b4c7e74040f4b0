import { Descriptor, type SocketType } from "../ffi/descriptor.ts";
import { immediate } from "../ffi/immediate.ts";
import type { Chunk } from "./_chunk.ts";
import type { Failure, Sink } from "./_sink.ts";
import { ByteSink } from "./byte_sink.ts";
import { ByteSource } from "./byte_source.ts";
import { RecordSink } from "./record_sink.ts";
import { RecordSource } from "./record_source.ts";

/** How an end behaves. */
export interface SocketEndOptions {
  /**
   * How much may be received before anybody asks for it, once somebody has asked at all: bytes for `"stream"`, records
   * for the others. Default: 0.
   */
  readonly highWaterMark?: number;
  /** Whether the end goes on sending after the peer has ended its direction. Default: true. */
  readonly allowHalfOpen?: boolean;
  /** Closes the end at once when it is aborted, with the signal's reason as the error of both streams. */
  readonly signal?: AbortSignal;
}

/** What `opened` says, in the shape of the Sockets API: a socket pair has no addresses and no protocol. */
export interface SocketInfo {
  /** Of the peer: none. */
  readonly remoteAddress: null;
  /** Of this end: none. */
  readonly localAddress: null;
  /** The negotiated protocol: none. */
  readonly alpn: null;
}

/** What {@linkcode SocketEnd.detach} gives back. */
export interface Detached {
  /** The descriptor, which is the caller's from now on. */
  readonly fd: number;
  /** What was received ahead and not read, in order: whoever goes on reading must begin with it. */
  readonly unread: Uint8Array<ArrayBuffer>[];
}

const CLOSED = "Cannot write: the end is closed";

/** Makes an end of a descriptor that is owned already. Set by the class, whose constructor is nobody else's. */
export let wrapDescriptor: (descriptor: Descriptor, options: SocketEndOptions) => SocketEnd;

/**
 * One end of a socket pair, in the shape of the WinterTC Sockets API.
 *
 * - A write resolves when the kernel has taken the whole chunk: a slow reader slows the writer.
 * - `writable.close()` ends this direction only (`shutdown(SHUT_WR)`): the peer reads to the end and can go on sending.
 * - `readable.cancel()` refuses the other direction (`shutdown(SHUT_RD)`): what has arrived is lost, the peer's writer
 *   fails with EPIPE.
 * - The descriptor is closed when both directions have ended. An end that is dropped without that is closed when the
 *   garbage collector finds it, which may be never.
 * - A pending read or write keeps the process alive, an idle end does not.
 * - The end of type `"dgram"` has no end of stream: its `readable` ends by `close()` or `cancel()` only. Its writer learns
 *   that the peer is gone by ECONNREFUSED.
 *
 * @see {@link https://sockets-api.proposal.wintertc.org/ | Sockets API}
 */
export class SocketEnd implements AsyncDisposable, Disposable {
  /** What arrives: bytes of a `"stream"` (BYOB readers read straight into their own buffer), else one record a chunk. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What is sent. A chunk is a view, a buffer, or an array of them, which on record sockets makes one record. */
  readonly writable: WritableStream<Chunk>;
  /** Resolves at once: a pair is born connected. */
  readonly opened: Promise<SocketInfo>;
  /** Resolves when the descriptor is closed or detached; rejects with the first error of either stream. */
  readonly closed: Promise<void>;
  /** The kind of socket. */
  readonly type: SocketType;

  readonly #descriptor: Descriptor;
  readonly #source: RecordSource | ByteSource;
  readonly #sink: Sink;
  readonly #allowHalfOpen: boolean;
  readonly #signal: AbortSignal | undefined;
  #resolveClosed!: () => void;
  #rejectClosed!: (reason: unknown) => void;
  #closing = false;

  static {
    wrapDescriptor = (descriptor, options) => new SocketEnd(descriptor, options);
  }

  private constructor(descriptor: Descriptor, options: SocketEndOptions) {
    const { highWaterMark = 0, allowHalfOpen = true, signal } = options;
    this.#descriptor = descriptor;
    this.#allowHalfOpen = allowHalfOpen;
    this.#signal = signal;
    this.type = descriptor.type;
    this.opened = Promise.resolve({ remoteAddress: null, localAddress: null, alpn: null });
    this.closed = new Promise((resolve, reject) => {
      this.#resolveClosed = resolve;
      this.#rejectClosed = reject;
    });
    // Whoever is interested awaits it; nobody has to.
    this.closed.catch(() => {});
    const received = (failure?: Failure) => this.#receivingEnded(failure);
    const sent = (failure?: Failure) => this.#directionEnded(failure);
    if (descriptor.type === "stream") {
      const source = this.#source = new ByteSource(descriptor, highWaterMark, received);
      this.readable = new ReadableStream(source, { highWaterMark: 0 });
      this.#sink = new ByteSink(descriptor, sent);
    } else {
      const source = this.#source = new RecordSource(descriptor, highWaterMark, received);
      this.readable = new ReadableStream(source, { highWaterMark: 0 });
      this.#sink = new RecordSink(descriptor, sent);
    }
    this.writable = new WritableStream(this.#sink, { highWaterMark: 1, size: this.#sink.size });
    signal?.addEventListener("abort", this.#abort);
  }

  /**
   * Adopts a descriptor that came from elsewhere: a parent process, another worker. From here on it is the end's.
   *
   * @param fd A connected AF_UNIX socket. It is made close-on-exec
   * @param options How the end behaves
   * @returns The end. Type and address family are read from the socket
   * @throws {TypeError} If it is no descriptor number, of another family, or owned by another end of this thread
   * @throws {SocketError} EBADF if it is not open, ENOTSOCK if it is no socket. It stays the caller's
   */
  static from(fd: number, options: SocketEndOptions = {}): SocketEnd {
    checkOptions(options);
    return new SocketEnd(Descriptor.adopt(fd), options);
  }

  /** The descriptor's number, for calls that only look at it; -1 once the end is closed or detached. */
  get fd(): number {
    return this.#descriptor.fd;
  }

  /**
   * Closes both directions and the descriptor, also while readers and writers hold the locks.
   *
   * Without a reason what was written is sent first, which waits for the peer to make room; pending reads end as done.
   * With a reason nothing is waited for: both streams fail with it. Again: no effect.
   *
   * @param reason The error of both streams, if they are to fail
   * @returns The same promise as `closed`
   */
  close(reason?: unknown): Promise<void> {
    if (reason !== undefined) {
      this.#sink.finish(reason, { reason });
      this.#source.finish({ reason });
    } else if (!this.#closing) {
      this.#closing = true;
      this.#source.finish();
      void this.closeWrite();
    }
    return this.closed;
  }

  /**
   * Ends the sending direction when what was written is sent, also while a writer holds the lock: the peer reads to the
   * end. The receiving direction lives on.
   *
   * @returns A promise that resolves when the direction has ended, in order or not
   */
  closeWrite(): Promise<void> {
    return new Promise((resolve) => {
      const ended = () => {
        this.#sink.finish(new TypeError(CLOSED));
        resolve();
      };
      if (this.writable.locked) this.#sink.flush(() => immediate(ended));
      else this.writable.close().then(resolve, resolve);
    });
  }

  /**
   * Gives the descriptor up without closing it, for another owner: a child process, another worker, C code. The streams
   * of this end fail from here on, a pending read with them; `closed` resolves.
   *
   * @returns The descriptor and what was received ahead
   * @throws {TypeError} If the end is closed, or if writes are still under way: await them first
   */
  detach(): Detached {
    if (this.fd === -1) throw new TypeError("Cannot detach: the end is closed");
    if (this.#sink.busy) throw new TypeError("Cannot detach: writes are under way");
    const unread = this.#source.unread();
    const fd = this.#descriptor.release();
    this.#resolveClosed();
    const reason = new TypeError("Cannot use the stream: the end is detached");
    this.#sink.finish(reason);
    this.#source.finish({ reason });
    return { fd, unread };
  }

  /** Lets a pending read or write keep the process alive again. */
  ref(): void {
    this.#descriptor.keepAlive(true);
  }

  /** Lets the process exit although a read or write is pending. */
  unref(): void {
    this.#descriptor.keepAlive(false);
  }

  /** Closes at once. What was written and not yet sent is lost: its writes fail. */
  [Symbol.dispose](): void {
    this.#source.finish();
    this.#sink.finish(new TypeError(CLOSED));
  }

  /** As {@linkcode SocketEnd.close}, but never rejects: what went wrong, the streams have told. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().catch(() => {});
  }

  readonly #abort = (): void => {
    void this.close(this.#signal!.reason ?? new DOMException("The end was aborted", "AbortError"));
  };

  #receivingEnded(failure?: Failure): void {
    this.#directionEnded(failure);
    if (failure === undefined && !this.#allowHalfOpen) void this.close();
  }

  #directionEnded(failure?: Failure): void {
    if (failure !== undefined) this.#rejectClosed(failure.reason);
    if (!this.#source.ended || !this.#sink.ended) return;
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#descriptor.close();
    this.#resolveClosed();
  }
}

/** Refuses options that mean nothing, before anything is opened. */
export function checkOptions({ highWaterMark = 0, signal }: SocketEndOptions): void {
  if (!(Number.isInteger(highWaterMark) && highWaterMark >= 0)) {
    throw new RangeError(`Cannot use highWaterMark ${highWaterMark}: it is an integer of at least 0`);
  }
  signal?.throwIfAborted();
}
