import { isShortage } from "../ffi/errors.ts";
import { acceptFrom, setNonBlocking } from "../ffi/named_socket.ts";
import type { Socket } from "../ffi/socket.ts";
import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import { abortReason, onAbort } from "../streams/signals.ts";
import { connected } from "../streams/connections.ts";
import { endOf, type SocketEnd } from "../streams/socket_end.ts";
import { Source } from "../streams/source.ts";
import type { ListenerOptions } from "./options.ts";

/** Milliseconds after which a client is asked for again that there was no descriptor for: the first pause, and the longest. */
const PAUSE = 5;
const PAUSE_MAX = 1000;

/** A listener does not spin: accept4(2) makes a socket before it looks for a client, and the thread has clients to serve meanwhile. */
export const BUSY_POLL = 0;

/** Stands for an end where a source's call has a view. */
const PLACE = new Uint8Array(1);

/** What a listener is made of: it receives ends where the other receivers receive bytes. */
export class Acceptor {
  readonly socket: Socket;
  readonly source: Source;
  readonly path: string;
  /** Resolves when the listener is closed, and rejects with what has ended it otherwise. */
  readonly closed: Promise<void>;
  readonly #options: ListenerOptions;
  /** What calls have received, in their order, until they take it: each as soon as its promise tells it. */
  readonly #taken: SocketEnd[] = [];
  readonly #given: SocketEnd[] = [];
  #forgetSignal: (() => void) | undefined;
  #pause = PAUSE;

  constructor(socket: Socket, path: string, options: ListenerOptions) {
    this.socket = socket;
    this.path = path;
    this.#options = options;
    const { signal } = options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.closed = promise;
    // A user who is interested awaits it; no user has to.
    promise.catch(() => {});
    this.source = new Source(socket, this, (_how, failure) => {
      this.#forgetSignal?.();
      for (const end of this.#given.splice(0)) end[Symbol.dispose]();
      socket.close();
      if (failure === undefined) resolve();
      else reject(failure.reason);
    });
    if (signal !== undefined) {
      this.#forgetSignal = onAbort(signal, () => this.close({ reason: abortReason(signal) }));
    }
  }

  /** Ends all that wait, in order or with a failure, and closes. */
  close(failure?: { readonly reason: unknown }): void {
    // What the stream holds that no reader has taken.
    this.source.unread();
    this.source.finish(failure === undefined ? "closed" : "failed", failure);
  }

  /** The next end, now or when a client comes; null once the listener is closed. */
  async accept(signal: AbortSignal | undefined): Promise<SocketEnd | null> {
    return await this.source.read(PLACE, signal) === null ? null : this.#taken.shift()!;
  }

  next(): SocketEnd | typeof WOULD_BLOCK | typeof END {
    const given = this.#given.shift();
    if (given !== undefined) return given;
    const { socket } = this;
    if (socket.watch.resting) return WOULD_BLOCK;
    // Others who have the socket may have taken it off: accept would then block this thread.
    if (!socket.isSole) setNonBlocking(socket.fd, true);
    let accepted: ReturnType<typeof acceptFrom>;
    try {
      accepted = acceptFrom(socket.fd);
    } catch (error) {
      if (!this.outlasts(error)) throw error;
      return WOULD_BLOCK;
    }
    this.#pause = PAUSE;
    // Of one that another owner has shut down accept4(2) says the same, and the poller would tell of it for ever.
    if (accepted === WOULD_BLOCK) return socket.isShutDown() ? END : WOULD_BLOCK;
    const [client, remoteAddress] = accepted;
    using owned = client;
    const connection = connected(owned, socket.type, this.#options);
    return endOf(connection, { remoteAddress, localAddress: this.path, alpn: null });
  }

  /** Where something is short, asks again after a pause. */
  outlasts(error: unknown): boolean {
    if (!isShortage(error)) return false;
    this.socket.watch.rest(this.#pause);
    this.#pause = Math.min(PAUSE_MAX, 2 * this.#pause);
    return true;
  }

  read(place: Uint8Array): number | typeof WOULD_BLOCK | typeof END {
    const end = this.next();
    if (end === WOULD_BLOCK || end === END) return end;
    this.#taken.push(end);
    return place.byteLength;
  }

  giveBack(end: SocketEnd): void {
    this.#given.unshift(end);
  }

  unread(): SocketEnd[] {
    return this.#given;
  }
}
