import type { Socket } from "../ffi/socket.ts";
import type { Failure } from "./_format.ts";
import { formatOf } from "./_formats.ts";
import type { AdoptOptions, ChunkKind } from "./options.ts";
import { Sink } from "./sink.ts";
import { type ReceivingEnd, Source } from "./source.ts";

/** What an end is made of: a socket and its two directions. It knows how they end together. */
export class Connection {
  readonly socket: Socket;
  readonly source: Source;
  readonly sink: Sink;
  /** What the chunks are. */
  readonly kind: ChunkKind;
  readonly options: AdoptOptions;
  /** Resolves when the descriptor is closed or handed on, and rejects with the first error of either direction. */
  readonly closed: Promise<void>;
  #settleClosed!: { resolve(): void; reject(reason: unknown): void };
  #peerClosed: Promise<void> | undefined;
  #tellPeerClosed: (() => void) | undefined;
  #writeClosed: Promise<void> | undefined;
  #tellWriteClosed: (() => void) | undefined;

  constructor(socket: Socket, kind: ChunkKind, options: AdoptOptions) {
    this.socket = socket;
    this.kind = kind;
    this.options = options;
    this.closed = new Promise((resolve, reject) => this.#settleClosed = { resolve, reject });
    // A user who is interested awaits it; no user has to.
    this.closed.catch(() => {});
    if (options.credentials) socket.passCredentials();
    const { receiver, sender, caller } = formatOf(socket, kind, options);
    this.source = new Source(socket, receiver, (how, failure) => this.#receivingHasEnded(how, failure));
    this.sink = new Sink(socket, sender, caller, (failure) => this.#sendingHasEnded(failure));
    options.signal?.addEventListener("abort", this.#abort);
  }

  /** Whether the descriptor is neither closed nor handed on. */
  get isOpen(): boolean {
    return this.socket.fd !== -1;
  }

  /** Resolves when the peer's last descriptor is closed. */
  peerClosed(): Promise<void> {
    return this.#peerClosed ??= new Promise((resolve) => {
      this.#tellPeerClosed = resolve;
      if (this.socket.type !== "dgram" && this.isOpen) this.socket.watch.waitGone(resolve);
    });
  }

  /** Closes both directions: at once for a reason, or when what was accepted is sent. */
  close(reason?: unknown): Promise<void> {
    if (reason !== undefined) {
      this.source.finish("failed", { reason });
      this.sink.finish({ reason });
    } else {
      this.source.finish("closed");
      this.sink.close();
    }
    return this.closed;
  }

  /** Ends the sending direction when what was accepted is sent. */
  closeWrite(): Promise<void> {
    this.#writeClosed ??= this.sink.ended
      ? Promise.resolve()
      : new Promise((resolve) => this.#tellWriteClosed = resolve);
    this.sink.close();
    return this.#writeClosed;
  }

  /** Closes both directions at once. */
  abandon(): void {
    this.source.finish("closed");
    this.sink.finish();
  }

  /** Gives the descriptor up, with what was received and not read. */
  detach(act: string): { readonly fd: number; readonly unread: unknown[] } {
    this.checkIdle(act);
    // First of all: if it fails, nothing has been taken out of the stream.
    this.socket.restore();
    const unread = this.source.unread();
    const fd = this.socket.release();
    this.#settleClosed.resolve();
    const reason = new TypeError("Cannot use the stream: the end is detached");
    this.sink.finish({ reason });
    this.source.finish("failed", { reason });
    return { fd, unread };
  }

  /** Refuses to hand on what is closed, or has writes under way that the kernel does not take now. */
  checkIdle(act: string): void {
    if (!this.isOpen) throw new TypeError(`Cannot ${act}: the end is closed`);
    this.sink.drainNow();
    if (this.sink.busy) throw new TypeError(`Cannot ${act}: writes are under way`);
  }

  readonly #abort = (): void => {
    void this.close(this.options.signal!.reason ?? new DOMException("The end was aborted", "AbortError"));
  };

  #receivingHasEnded(how: ReceivingEnd, failure: Failure | undefined): Failure | undefined {
    if (failure !== undefined) this.#settleClosed.reject(failure.reason);
    let refused: Failure | undefined;
    if (how === "end") this.#peerHasEnded();
    else if (this.socket.isSole || (how === "cancelled" && !this.socket.isShared)) {
      refused = this.#tell(() => this.socket.shutdownRead());
    }
    this.#finish();
    return refused;
  }

  #peerHasEnded(): void {
    if (this.socket.type !== "dgram" && this.#isGone()) {
      this.#tellPeerClosed?.();
      // Where nothing that was written is lost, that is an end in order.
      if (!this.sink.busy && this.socket.reset === undefined) this.#settleClosed.resolve();
      this.sink.finish({ reason: this.socket.gone() });
    } else if (this.options.allowHalfOpen === false) void this.close();
  }

  #isGone(): boolean {
    try {
      return this.socket.isHungUp();
    } catch {
      // Then a write finds out.
      return false;
    }
  }

  #sendingHasEnded(failure: Failure | undefined): Failure | undefined {
    if (failure !== undefined) this.#settleClosed.reject(failure.reason);
    let refused: Failure | undefined;
    if (!this.source.ended && !this.socket.isShared) refused = this.#tell(() => this.socket.shutdownWrite());
    this.#tellWriteClosed?.();
    this.#finish();
    return refused;
  }

  /** Tells the peer that a direction is over. If that fails, only the end of both tells it. */
  #tell(shutdown: () => void): Failure | undefined {
    if (!this.isOpen) return undefined;
    try {
      shutdown();
      return undefined;
    } catch (reason) {
      this.#settleClosed.reject(reason);
      this.sink.finish({ reason });
      this.source.finish("failed", { reason });
      return { reason };
    }
  }

  /** The second direction to end closes the descriptor. */
  #finish(): void {
    if (!this.source.ended || !this.sink.ended) return;
    this.options.signal?.removeEventListener("abort", this.#abort);
    this.socket.close();
    this.#settleClosed.resolve();
  }
}
