import type { Credentials } from "../ffi/ancillary.ts";
import { Descriptor } from "../ffi/descriptor.ts";
import { immediate } from "../ffi/immediate.ts";
import { OwnedDescriptor } from "../ffi/owned_descriptor.ts";
import type { SocketType } from "../ffi/socket_type.ts";
import type { Chunk } from "./chunk.ts";
import { type Receiving, receivingOf, type Sending, sendingOf } from "./_directions.ts";
import { checkMode, checkOptions } from "./_options.ts";
import type { Failure } from "./_sink.ts";
import { adoptInherited } from "./inherited.ts";
import type { Message, ReceivedMessage } from "./message.ts";
import type { AdoptOptions, SocketEndOptions } from "./socket_end_options.ts";
import { checkToken, claim, tokenFor, type TransferToken } from "./token.ts";

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
export interface Detached<Received = Bytes> {
  /** The descriptor, which is the caller's from now on. */
  readonly fd: number;
  /** What was received ahead and not read, in order. With `framing` these are bytes as they came, lengths included. */
  readonly unread: Received[];
}

/** What is received, in a buffer that is nobody else's. */
export type Bytes = Uint8Array<ArrayBuffer>;

const CLOSED = "Cannot write: the end is closed";

/** Makes an end of a descriptor that is owned already. Set by the class, whose constructor is nobody else's. */
export let wrapDescriptor: (descriptor: Descriptor, options: SocketEndOptions) => SocketEnd<never, never>;

/** An end's descriptor for a moment: to be handed on while it may yet turn out that it cannot be. */
export let lendEnd: (end: AnyEnd) => { readonly fd: number; readonly shared: boolean; moved(): void };

/** Ends the receiving direction alone, as done: of several ends that are closed together, before any of them tells its peer. */
export let endReceiving: (end: AnyEnd) => void;

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
 * - The end of type `"dgram"` has no end of stream: its `readable` ends by `close()` or `cancel()` only, or because another
 *   owner of the socket has called `shutdown(SHUT_RD)`. Its writer learns that the peer is gone by ECONNREFUSED.
 *
 * @see {@link https://sockets-api.proposal.wintertc.org/ | Sockets API}
 */
export class SocketEnd<Received = Bytes, Sent = Chunk> implements AsyncDisposable, Disposable {
  /** What arrives: bytes of a `"stream"` (BYOB readers read straight into their own buffer), else one record a chunk. */
  readonly readable: ReadableStream<Received>;
  /** What is sent. A chunk is a view, a buffer, or an array of them, which on record sockets makes one record. */
  readonly writable: WritableStream<Sent>;
  /** Resolves at once: a pair is born connected. */
  readonly opened: Promise<SocketInfo>;
  /** Resolves when the descriptor is closed or detached; rejects with the first error of either stream. */
  readonly closed: Promise<void>;
  /** The kind of socket. */
  readonly type: SocketType;

  readonly #descriptor: Descriptor;
  readonly #receiving: Receiving;
  readonly #sending: Sending;
  readonly #allowHalfOpen: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #options: SocketEndOptions;
  #resolveClosed!: () => void;
  #rejectClosed!: (reason: unknown) => void;
  #closing = false;
  #writeClosed: Promise<void> | undefined;
  readonly #sendingEnded: Promise<void>;

  static {
    wrapDescriptor = (descriptor, options) => new SocketEnd(descriptor, options);
    lendEnd = (end) => end.#lend();
    endReceiving = (end) => end.#receiving.finish();
  }

  private constructor(descriptor: Descriptor, options: AdoptOptions) {
    const { allowHalfOpen = true, signal, shared = false, unread: _, ...rest } = options;
    this.#descriptor = descriptor;
    this.#options = rest;
    descriptor.shared = shared;
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
    if (options.credentials) descriptor.passCredentials();
    if (options.busyPoll !== undefined) descriptor.busyPoll(options.busyPoll);
    this.#receiving = receivingOf(descriptor, options, (failure) => this.#receivingEnded(failure));
    let sendingEnded: () => void;
    this.#sendingEnded = new Promise((resolve) => sendingEnded = resolve);
    this.#sending = sendingOf(descriptor, options, (failure) => {
      this.#directionEnded(failure);
      sendingEnded();
    });
    // What the chunks are, the options say: socketpair() and from() tell the compiler.
    this.readable = this.#receiving.readable as ReadableStream<Received>;
    this.writable = this.#sending.writable as WritableStream<Sent>;
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
  static from(fd: number, options: AdoptOptions & { readonly ancillary: true }): MessageEnd;
  /** As above, with several records a chunk. */
  static from(fd: number, options: AdoptOptions & { readonly batches: true }): BatchEnd;
  /** As above, with one record a chunk, or bytes. */
  static from(fd: number, options?: AdoptOptions): SocketEnd;
  static from(fd: number, options: AdoptOptions = {}): SocketEnd<unknown, never> {
    checkOptions(options);
    const descriptor = Descriptor.adopt(fd);
    try {
      checkMode(descriptor.type, options);
      return new SocketEnd(descriptor, options);
    } catch (error) {
      descriptor.refuse();
      throw error;
    }
  }

  /**
   * Receives an end that another thread has sent with {@linkcode SocketEnd.transfer}.
   *
   * @param token What arrived
   * @param options How the end behaves here
   * @returns The end, with what was received ahead
   * @throws {TypeError} If it was received or revoked before, or is no token
   * @throws {SocketError} If the system refuses. The descriptor is closed then
   */
  static receive(token: TransferToken, options: SocketEndOptions & { readonly ancillary: true }): MessageEnd;
  /** As above, with several records a chunk. */
  static receive(token: TransferToken, options: SocketEndOptions & { readonly batches: true }): BatchEnd;
  /** As above, with one record a chunk, or bytes. */
  static receive(token: TransferToken, options?: SocketEndOptions): SocketEnd;
  static receive(token: TransferToken, options: SocketEndOptions = {}): SocketEnd<unknown, never> {
    checkOptions(options);
    checkMode(checkToken(token).type, options);
    if (!claim(token)) throw new TypeError("Cannot receive the end: the token was received or revoked before");
    const descriptor = new OwnedDescriptor(token.fd);
    const shared = token.shared || options.shared === true;
    try {
      const end = SocketEnd.from(descriptor.fd, { ...options, shared, unread: token.unread });
      descriptor.detach();
      return end;
    } finally {
      // Nobody else can have it any more.
      descriptor.close();
    }
  }

  /**
   * Closes an end that was sent with {@linkcode SocketEnd.transfer} and never received, such as to a worker that is gone.
   *
   * @param token What was sent
   * @returns Whether there was something to close: not if it was received or revoked before
   */
  static revoke(token: TransferToken): boolean {
    if (!claim(checkToken(token))) return false;
    new OwnedDescriptor(token.fd).close();
    return true;
  }

  /**
   * Adopts an end that the parent process has given to this one: see `spawn()`. Its descriptor is told by the environment
   * variables `SOCKETPAIR_FDS` (numbers) and `SOCKETPAIR_FDNAMES` (their names), both separated by colons.
   *
   * @param name Which one; the first unless given
   * @param options How the end behaves
   * @returns The end
   * @throws {TypeError} If there is none, or none of that name, or it was adopted before
   */
  static inherited(name: string | undefined, options: SocketEndOptions & { readonly ancillary: true }): MessageEnd;
  /** As above, with several records a chunk. */
  static inherited(name: string | undefined, options: SocketEndOptions & { readonly batches: true }): BatchEnd;
  /** As above, with one record a chunk, or bytes. */
  static inherited(name?: string, options?: SocketEndOptions): SocketEnd;
  static inherited(name?: string, options: SocketEndOptions = {}): SocketEnd<unknown, never> {
    return adoptInherited(name, (fd) => SocketEnd.from(fd, options));
  }

  /** The descriptor's number, for calls that only look at it; -1 once the end is closed or detached. */
  get fd(): number {
    return this.#descriptor.fd;
  }

  /**
   * Closes both directions and the descriptor, also while readers and writers hold the locks.
   *
   * Without a reason what was written is sent first, which waits for the peer to make room; pending reads end as done.
   * With a reason nothing is waited for, not even by an earlier call without one: both streams fail with it. Again: no effect.
   *
   * @param reason The error of both streams, if they are to fail
   * @returns The same promise as `closed`
   */
  close(reason?: unknown): Promise<void> {
    if (reason !== undefined) {
      // In this order: the end of the other direction may wake the peer, in this thread, which may then end this one.
      this.#receiving.finish({ reason });
      this.#sending.finish(reason, { reason });
    } else if (!this.#closing) {
      this.#closing = true;
      this.#receiving.finish();
      // While this end waits for its peer to read, the peer must not wait for this one.
      if (this.#sending.busy) this.#refuseMore();
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
    return this.#writeClosed ??= this.#closeWrite();
  }

  /**
   * Gives the descriptor up without closing it, for another owner: a child process, another worker, C code. The streams
   * of this end fail from here on, a pending read with them; `closed` resolves.
   *
   * @returns The descriptor and what was received ahead
   * @throws {TypeError} If the end is closed, or if writes are still under way: await them first
   */
  detach(): Detached<Received> {
    if (!this.#descriptor.isOpen) throw new TypeError("Cannot detach: the end is closed");
    if (this.#sending.busy) throw new TypeError("Cannot detach: writes are under way");
    const unread = this.#receiving.unread() as Received[];
    const fd = this.#descriptor.release();
    this.#resolveClosed();
    const reason = new TypeError("Cannot use the stream: the end is detached");
    this.#sending.finish(reason);
    this.#receiving.finish({ reason });
    return { fd, unread };
  }

  /**
   * Gives the end up to another thread of this process. It is closed for use here at once, and owned by nobody until the
   * other side calls {@linkcode SocketEnd.receive}; if it never does, {@linkcode SocketEnd.revoke} closes it.
   *
   * @returns A plain value for `postMessage` or `workerData`
   * @throws {TypeError} As {@linkcode SocketEnd.detach}
   */
  transfer(): TransferToken {
    const { fd, unread } = this.detach();
    return tokenFor(this.type, fd, this.#descriptor.shared, unread);
  }

  /**
   * Makes another end of the same socket (`dup(2)`), such as for a second worker. Both have the same queue and the same peer:
   *
   * - Each record is read by exactly one of them, whichever asks first; records that both write are kept whole. The bytes of a
   *   `"stream"` are not: there, only one should read, and only one write.
   * - From now on both are {@linkcode SocketEndOptions.shared}, wherever they are transferred. What one ends by `close()`,
   *   `cancel()` or an error, it ends for itself; the peer learns of it when all are closed. What was ended before stays so.
   * - What this end has received ahead, it keeps. It may have reads and writes under way.
   * - A new owner who has it by `detach()`, `spawn()` or as a sent descriptor has to be told: `shared` is one of the options.
   *
   * @returns The other end, with this one's options, its signal included
   * @throws {TypeError} If the end is closed or detached
   * @throws {SocketError} EMFILE if the process has too many open files
   *
   * @example Two readers of one queue
   * ```ts
   * import { socketpair } from "@socketpair/streams";
   *
   * const [tasks, first] = socketpair({ type: "seqpacket" });
   * await using second = first.duplicate();
   * await tasks.writable.getWriter().write(new Uint8Array([1, 2, 3]));
   * await first.close(); // the record is still there, and so is the connection
   * const { value } = await second.readable.getReader().read();
   * console.log(value); // Uint8Array(3) [ 1, 2, 3 ]
   * await tasks.close();
   * ```
   *
   * @see {@link https://man7.org/linux/man-pages/man2/dup.2.html | dup(2)}
   */
  duplicate(): SocketEnd<Received, Sent> {
    if (!this.#descriptor.isOpen) throw new TypeError("Cannot duplicate: the end is closed");
    using owned = OwnedDescriptor.duplicate(this.fd, 3);
    const end = SocketEnd.from(owned.fd, { ...this.#options, shared: true }) as SocketEnd<unknown, unknown>;
    owned.detach();
    this.#descriptor.shared = true;
    return end as SocketEnd<Received, Sent>;
  }

  /**
   * Who is at the other end (SO_PEERCRED): of a pair, the process that made it, whoever has the other end now.
   *
   * @returns Process, user and group
   * @throws {SocketError} EBADF if the end is closed
   */
  peerCredentials(): Credentials {
    return this.#descriptor.peerCredentials();
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
    this.#receiving.finish();
    this.#sending.finish(new TypeError(CLOSED));
  }

  /** As {@linkcode SocketEnd.close}, but never rejects: what went wrong, the streams have told. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().catch(() => {});
  }

  #refuseMore(): void {
    try {
      this.#descriptor.shutdownRead();
    } catch (reason) {
      this.#sending.finish(reason, { reason });
    }
  }

  #closeWrite(): Promise<void> {
    if (!this.writable.locked) return this.writable.close().catch(() => this.#sendingEnded);
    // With a lock on it the stream cannot be closed from outside. A close that a writer has asked for comes first, and so does
    // what was written meanwhile: it was accepted.
    const finish = () => {
      if (this.#sending.busy) this.#sending.flush(() => immediate(finish));
      else this.#sending.finish(new TypeError(CLOSED));
    };
    this.#sending.flush(() => immediate(finish));
    return this.#sendingEnded;
  }

  #lend(): { readonly fd: number; readonly shared: boolean; moved(): void } {
    if (!this.#descriptor.isOpen) throw new TypeError("Cannot hand the end over: it is closed");
    if (this.#sending.busy) throw new TypeError("Cannot hand the end over: writes are under way");
    if (this.#receiving.unread().length > 0) throw new TypeError("Cannot hand the end over: it has received ahead");
    this.#descriptor.restore();
    const { shared } = this.#descriptor;
    return { fd: this.fd, shared, moved: () => new OwnedDescriptor(this.detach().fd).close() };
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
    if (failure?.fatal) {
      this.#sending.finish(failure.reason);
      this.#receiving.finish({ reason: failure.reason });
    }
    if (!this.#receiving.ended || !this.#sending.ended) return;
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#descriptor.close();
    // The end of one direction may have woken the peer, in this thread, and so have ended the other before it was told here.
    const { failure: cause } = this.#sending;
    if (cause === undefined) this.#resolveClosed();
    else this.#rejectClosed(cause.reason);
  }
}

/** Any end, whatever its chunks are. */
export type AnyEnd = SocketEnd<unknown, never>;

/** An end with `ancillary: true`. */
export type MessageEnd = SocketEnd<ReceivedMessage, Message>;

/** An end with `batches: true`. */
export type BatchEnd = SocketEnd<Bytes[], readonly Chunk[]>;
