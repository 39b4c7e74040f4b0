import { typeOfSocket } from "../ffi/descriptor.ts";
import { nameOfSocket, passCredentials, setNonBlocking } from "../ffi/named_socket.ts";
import { Socket } from "../ffi/socket.ts";
import { adoptFrom } from "../streams/connections.ts";
import { adoptInherited } from "../streams/inherited.ts";
import { type CallOptions, type ChunkKind, type ChunksOption, signalOf } from "../streams/options.ts";
import type { ReceivedDescriptor } from "../streams/received_descriptor.ts";
import type { AnyEnd, EndOf, SocketEnd } from "../streams/socket_end.ts";
import { Acceptor, BUSY_POLL } from "./_acceptor.ts";
import { checkListenerOptions, type ListenerOptions, takeListenerOptions } from "./options.ts";

let make: (acceptor: Acceptor) => Listener;

/**
 * A socket that listens, and gives an end for each client that connects.
 *
 * - A client is accepted when one is asked for: a slow server leaves the others in the kernel's backlog, where they may send
 *   already.
 * - Where the process or the system has no descriptor left for a client, it stays in the backlog, and is asked for again after
 *   5 ms, doubled up to a second. A client that is gone before it is accepted gives an end whose peer is gone.
 * - An accept that waits keeps the process alive, an idle listener does not, unlike a server of node:net.
 * - The ends are the server's: closing the listener closes none that was given out.
 * - A listener that is dropped without `close()` leaves its file; the garbage collector closes the socket, which may be never.
 *   `listen()` replaces such a file.
 */
export class Listener<End extends AnyEnd = SocketEnd> implements AsyncDisposable, Disposable {
  /** Resolves when the listener is closed. Rejects with what ended it otherwise: an error of accept(2), or `signal`. */
  readonly closed: Promise<void>;
  /** The kind of socket. */
  readonly type: "stream" | "seqpacket";
  /** A file's path, or a name behind a NUL; empty where a listener that came from elsewhere has neither. */
  readonly path: string;

  readonly #acceptor: Acceptor;
  #readable: ReadableStream<End> | undefined;

  private constructor(acceptor: Acceptor) {
    if (!(acceptor instanceof Acceptor)) {
      throw new TypeError("Cannot construct a Listener: listen() and Listener.from() make them");
    }
    this.#acceptor = acceptor;
    this.closed = acceptor.closed;
    this.type = acceptor.socket.type as "stream" | "seqpacket";
    this.path = acceptor.path;
  }

  static {
    make = (acceptor) => new Listener(acceptor);
  }

  /**
   * Makes a listener of a listening socket that came from elsewhere: the number of a descriptor, or one that was received with
   * a message. It is the listener's from here on, but for its file: `close()` does not take that away. A number has one owner in a
   * process: a Worker that is to accept too takes the listener from a message (`descriptors: [server]`), which makes another.
   *
   * @param source A descriptor number, or a received descriptor
   * @param options How the ends behave
   * @returns The listener. The type is read from the socket
   * @throws {TypeError} If it is neither, does not listen, is of another address family, or has an owner in this thread
   * @throws {SocketError} EBADF if it is not open, ENOTSOCK if it is no socket. It then stays its owner's
   *
   * @example Of another process, by number
   * ```ts
   * import { AF_UNIX, bind, listen, SOCK_STREAM, socket } from "@socketpair/streams/ffi";
   * import { connect, Listener } from "@socketpair/streams/unix";
   *
   * const fd = socket(AF_UNIX, SOCK_STREAM, 0);
   * bind(fd, "\0example of from");
   * listen(fd, 16);
   * await using server = Listener.from(fd);
   * await using client = await connect({ path: server.path });
   * ```
   */
  static from<Kind extends ChunkKind | undefined = undefined>(
    source: number | ReceivedDescriptor,
    options?: ListenerOptions & ChunksOption<Kind>,
  ): Listener<EndOf<Kind>>;
  static from(source: unknown, options: ListenerOptions = {}): unknown {
    const wanted = "a listener is made of a descriptor number or a received descriptor";
    return adoptFrom(source, wanted, (fd) => adopt(fd, options));
  }

  /**
   * Adopts a listening socket that the parent process has given to this one: systemd's socket activation with `Accept=no`. It is
   * found as `SocketEnd.inherited()` finds its descriptor.
   *
   * @param name Which one; the first unless given
   * @param options How the ends behave
   * @returns The listener
   * @throws {TypeError} If there is none, or none of that name, it was adopted before, or it does not listen
   * @throws {SocketError} EBADF or ENOTSOCK, if a program in between has not passed the descriptor on
   */
  static inherited<Kind extends ChunkKind | undefined = undefined>(
    name?: string,
    options?: ListenerOptions & ChunksOption<Kind>,
  ): Listener<EndOf<Kind>>;
  static inherited(name?: string, options: ListenerOptions = {}): unknown {
    checkListenerOptions(options);
    return adoptInherited(name, (fd) => Listener.from(fd, options));
  }

  /**
   * The clients, as a stream of ends: one is accepted when one is asked for. `cancel()`, which leaving a `for await` calls, closes
   * the listener. A reader may let go while it waits for a client. If no later reader reads that client, `close()` closes it. After
   * `cancel()` the garbage collector closes it: a stream does not tell what it threw away.
   */
  get readable(): ReadableStream<End> {
    return this.#readable ??= this.#acceptor.source.stream() as ReadableStream<End>;
  }

  /**
   * The descriptor's number; -1 once the listener is closed. Another process that has it may accept clients too: it blocks from
   * then on, as programs expect, but each accept of this listener makes it non-blocking again, for every process that has it.
   */
  get fd(): number {
    const fd = this.#acceptor.socket.exposeFd();
    if (fd !== -1) setNonBlocking(fd, false);
    return fd;
  }

  /**
   * Accepts the next client. Concurrent calls are served in their order. Not while `readable` is locked.
   *
   * @param options A signal, which ends this one call
   * @returns The end, or null once the listener is closed
   * @throws {TypeError} If `readable` is locked, or an option is unknown or of a wrong kind
   * @throws {SocketError} As accept(2), if the error does not pass by itself; the listener is closed then
   *
   * @example With a timeout
   * ```ts
   * import { listen } from "@socketpair/streams/unix";
   *
   * await using server = listen({ path: "\0example of accept" });
   * const error = await server.accept({ signal: AbortSignal.timeout(10) }).catch((error) => error);
   * console.log(error.name); // TimeoutError
   * ```
   *
   * @see {@link https://man7.org/linux/man-pages/man2/accept.2.html | accept(2)}
   */
  async accept(options?: CallOptions): Promise<End | null> {
    if (this.#readable?.locked) throw new TypeError("Cannot accept: the readable is locked, and its reader accepts");
    const signal = options === undefined ? undefined : signalOf("Cannot accept", options);
    return await this.#acceptor.accept(signal) as End | null;
  }

  /**
   * Closes the listener at once. Calls that wait give null, iteration ends. The file is taken away if it is still the one that
   * `listen()` made. Clients that were not accepted are reset: ends that `connect()` made read EOF, and their `closed` rejects
   * with ECONNRESET.
   *
   * @returns `closed`
   */
  close(): Promise<void> {
    this.#acceptor.close();
    return this.closed;
  }

  /** Lets an accept that waits keep the process alive again. */
  ref(): void {
    this.#acceptor.socket.watch.keepAlive(true);
  }

  /** Lets the process exit although an accept waits. */
  unref(): void {
    this.#acceptor.socket.watch.keepAlive(false);
  }

  /** The clients, one after the other. Leaving the loop closes the listener. */
  [Symbol.asyncIterator](): AsyncIterableIterator<End> {
    return this.readable[Symbol.asyncIterator]();
  }

  /** Closes, as {@linkcode Listener.close} does. */
  [Symbol.dispose](): void {
    this.#acceptor.close();
  }

  /** Closes, as {@linkcode Listener.close} does, but never rejects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().catch(() => {});
  }

  /** What `Object.prototype.toString` calls it. */
  get [Symbol.toStringTag](): "Listener" {
    return "Listener";
  }

  /** What `console.log` shows: Deno and Bun ask for it by Node's name, too. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    const { socket: { fd }, path } = this.#acceptor;
    return `Listener { type: "${this.type}", path: ${JSON.stringify(path)}, fd: ${fd}, state: "${
      fd === -1 ? "closed" : "open"
    }" }`;
  }
}

/** Makes a listener of what accepts for it. */
export function listenerOf(acceptor: Acceptor): Listener {
  return make(acceptor);
}

function adopt(fd: number, given: ListenerOptions): Listener {
  const type = typeOfSocket(fd, true);
  const options = takeListenerOptions(type, given);
  const path = nameOfSocket(fd) ?? "";
  if (options.credentials) passCredentials(fd);
  const socket = Socket.adopt(fd, type, { busyPoll: BUSY_POLL });
  // Its earlier owner may have it still.
  socket.exposeFd();
  return make(new Acceptor(socket, path, options));
}
