import { CONNECTION, spend } from "../ffi/budget.ts";
import type { Socket } from "../ffi/socket.ts";
import type { Failure } from "./_format.ts";
import { formatOf } from "./_formats.ts";
import type { AdoptOptions, ChunkKind } from "./options.ts";
import { abortReason, onAbort } from "./signals.ts";
import { Sink } from "./sink.ts";
import { type ReceivingEnd, Source } from "./source.ts";

/**
 * What an end is made of: a socket and its two directions. It knows how they end together.
 *
 * How an end closes, each step once, whichever direction is the first:
 *
 * 1. `close()`, `closeWrite()` and `closeRead()` ask the directions to finish; EOF, an error and the streams' own methods finish
 *    one without being asked.
 * 2. A direction that finishes tells its stream and what waits in its queue, then calls back here, and does nothing more.
 * 3. `closed` rejects if it has failed.
 * 4. The peer is told by shutdown(2), unless others have the socket. What was received and not read is thrown away.
 * 5. EOF of a peer that is gone altogether finishes the sending direction too.
 * 6. When both directions have finished, the descriptor is closed, and `closed` resolves.
 */
export class Connection {
  readonly socket: Socket;
  readonly source: Source;
  readonly sink: Sink;
  /** What the chunks are. */
  readonly kind: ChunkKind;
  readonly options: AdoptOptions;
  /** Whether the first direction to end closes the end, however it ended. */
  closesTogether = false;
  /** Resolves when the descriptor is closed or handed on, and rejects with the first error of either direction. */
  readonly closed: Promise<void>;
  readonly #closed = Promise.withResolvers<void>();
  #peerClosed: PromiseWithResolvers<void> | undefined;
  #writeClosed: PromiseWithResolvers<void> | undefined;
  #forgetSignal: (() => void) | undefined;

  constructor(socket: Socket, kind: ChunkKind, options: AdoptOptions) {
    this.socket = socket;
    this.kind = kind;
    this.options = options;
    this.closed = this.#closed.promise;
    // A user who is interested awaits it; no user has to.
    this.closed.catch(() => {});
    if (options.credentials) socket.passCredentials();
    const { receiver, sender, caller } = formatOf(socket, kind, options);
    this.source = new Source(socket, receiver, (how, failure) => this.#received(how, failure));
    this.sink = new Sink(socket, sender, caller, (failure) => this.#sent(failure));
    const { signal } = options;
    if (signal !== undefined) {
      this.#forgetSignal = onAbort(signal, () => void this.close(abortReason(signal) ?? aborted()));
    }
    spend(CONNECTION);
  }

  /** Whether the descriptor is neither closed nor handed on. */
  get isOpen(): boolean {
    return this.socket.fd !== -1;
  }

  /** Resolves when the peer's last descriptor is closed. */
  peerClosed(): Promise<void> {
    if (this.#peerClosed === undefined) {
      this.#peerClosed = Promise.withResolvers();
      if (this.socket.type !== "dgram" && this.isOpen) this.socket.watch.waitGone(this.#peerClosed.resolve);
    }
    return this.#peerClosed.promise;
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
    this.#writeClosed ??= Promise.withResolvers();
    if (this.sink.ended) this.#writeClosed.resolve();
    this.sink.close();
    return this.#writeClosed.promise;
  }

  /** Receives what has arrived, and then no more. */
  closeRead(): void {
    if (this.source.ended) return;
    // SHUT_RD would take the queue from others that have the socket.
    if (this.socket.isSole) this.#tell(() => this.socket.shutdownRead());
    this.source.receiveLast();
  }

  /** Closes both directions at once. */
  abandon(): void {
    this.source.finish("closed");
    this.sink.finish();
  }

  /**
   * Gives the descriptor up, with what was received and not read.
   *
   * @param toStranger Whether its next owner may know nothing of credentials
   */
  detach(act: string, toStranger: boolean = false): { readonly fd: number; readonly unread: unknown[] } {
    this.checkIdle(act);
    // First of all: if it fails, nothing has been taken out of the stream.
    this.socket.restore();
    if (toStranger && this.kind === "messages") this.socket.dropCredentials();
    const unread = this.source.unread();
    const fd = this.socket.detach();
    this.#closed.resolve();
    const reason = new TypeError("Cannot use the stream: the end is detached");
    this.sink.finish({ reason });
    this.source.finish("handed on", { reason });
    return { fd, unread };
  }

  /** Refuses to hand on what is closed, or has writes under way that the kernel does not take now. */
  checkIdle(act: string): void {
    if (!this.isOpen) throw new TypeError(`Cannot ${act}: the end is closed`);
    this.sink.drainNow();
    if (this.sink.busy) throw new TypeError(`Cannot ${act}: writes are under way`);
  }

  #received(how: ReceivingEnd, failure: Failure | undefined): void {
    if (failure !== undefined) this.#closed.reject(failure.reason);
    if (how === "end") this.#peerHasFinished();
    else if (this.socket.isSole || (how === "cancelled" && !this.socket.isShared)) {
      this.#tell(() => {
        this.socket.shutdownRead();
        this.socket.throwAway();
      });
    }
    this.#finish();
  }

  #peerHasFinished(): void {
    if (this.socket.type !== "dgram" && this.#isGone()) {
      this.#peerClosed ??= Promise.withResolvers();
      this.#peerClosed.resolve();
      this.sink.peerGone();
    } else if (this.options.allowHalfOpen === false && !this.source.isLast) void this.close();
  }

  #isGone(): boolean {
    try {
      return this.socket.isHungUp();
    } catch {
      // Then a write finds out.
      return false;
    }
  }

  #sent(failure: Failure | undefined): void {
    // A peer that has gone with nothing lost by it is no failure.
    if (failure !== undefined && !this.sink.allSent) this.#closed.reject(failure.reason);
    if (!this.source.ended && !this.socket.isShared) this.#tell(() => this.socket.shutdownWrite());
    this.#writeClosed?.resolve();
    this.#finish();
  }

  /** Tells the peer that a direction is over. If that fails, only the close of the descriptor tells it. */
  #tell(shutdown: () => void): void {
    if (!this.isOpen) return;
    try {
      shutdown();
    } catch (reason) {
      this.#closed.reject(reason);
      this.sink.finish({ reason });
      this.source.finish("failed", { reason });
    }
  }

  /** The second direction to finish closes the descriptor. */
  #finish(): void {
    if (!this.source.ended || !this.sink.ended) {
      if (this.closesTogether) void this.close();
      return;
    }
    this.#forgetSignal?.();
    this.socket.close();
    this.#closed.resolve();
  }
}

/** For a signal that tells no reason. */
function aborted(): DOMException {
  return new DOMException("The end was aborted", "AbortError");
}
