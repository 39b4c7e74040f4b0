import { isSpent, onceRenewed } from "../ffi/budget.ts";
import { later } from "../ffi/host.ts";
import { bindTo, nameOfSocket, openSocket, setNonBlocking, shown, tryConnect } from "../ffi/named_socket.ts";
import { connected } from "../streams/connections.ts";
import type { ChunkKind, ChunksOption } from "../streams/options.ts";
import { abortReason, onAbort } from "../streams/signals.ts";
import { type EndOf, endOf } from "../streams/socket_end.ts";
import { type ConnectOptions, takeConnectOptions } from "./options.ts";

/** Milliseconds between two attempts where the backlog is full: the first pause, and the longest. */
const PAUSE = 1;
const PAUSE_MAX = 100;

/**
 * Connects to a socket that has a name.
 *
 * - What is written before the server has accepted arrives all the same.
 * - Where the backlog is full the attempt waits: the kernel does not tell when there is room, so it is made again after 1 ms,
 *   doubled up to 100 ms, until it succeeds or `signal` ends it.
 * - `peerCredentials()` is the process that listens. `opened` has the paths.
 * - A `"dgram"` is connected to a receiver, which has to be there; it is told that the receiver is gone by ECONNREFUSED when it
 *   sends.
 * - `close()` takes the file away that `bind` makes, even while a duplicate of the end is open. The file stays if the end is
 *   handed on or dropped. `bind` replaces no file: EADDRINUSE.
 * - Nothing stays open of an attempt that fails.
 *
 * @param options Where to, and how the end behaves
 * @returns The end
 * @throws {SocketError} ENOENT (no such file), ECONNREFUSED (nothing listens there), EPROTOTYPE (a socket of another type
 * listens there), EACCES (no permission to write to the file or to enter a folder), EMFILE and others of connect(2); EADDRINUSE
 * if the name to `bind` is taken
 * @throws {RangeError} If a path has more than 107 bytes, or another number is out of range
 * @throws {TypeError} If an option is unknown, is of a wrong kind, or does nothing in its combination
 *
 * @example A client and its server
 * ```ts
 * import { connect, listen } from "@socketpair/streams/unix";
 *
 * await using server = listen({ path: "\0example of connect", type: "seqpacket" });
 * await using client = await connect({ path: "\0example of connect", type: "seqpacket" });
 * await client.write(new TextEncoder().encode("hello"));
 * await using end = await server.accept();
 * console.log(await end!.read(new Uint8Array(100))); // 5
 * ```
 *
 * @see {@link https://man7.org/linux/man-pages/man2/connect.2.html | connect(2)},
 * {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export function connect<Kind extends ChunkKind | undefined = undefined>(
  options: ConnectOptions & ChunksOption<Kind>,
): Promise<EndOf<Kind>>;
export async function connect(options: ConnectOptions): Promise<unknown> {
  const { path, bind, type, protocol, ends } = takeConnectOptions(options);
  // A loop that connects again and again lets the thread's timers and other ends have their turn.
  while (isSpent()) await new Promise<void>(onceRenewed);
  ends.signal?.throwIfAborted();
  const act = `Cannot connect to ${shown(path)}`;
  const credentials = ends.credentials ?? false;
  using owned = openSocket(type, protocol, credentials, act);
  const { fd } = owned;
  const removeFile = bind === undefined ? undefined : bindTo(fd, bind, `Cannot bind ${shown(bind)}`);
  try {
    for (let pause = PAUSE; !tryConnect(fd, path, act); pause = Math.min(PAUSE_MAX, 2 * pause)) {
      await passed(pause, ends.signal);
    }
    setNonBlocking(fd, false);
    // A socket that asks for credentials is given a name by the kernel, so that it can be answered.
    const localAddress = bind ?? (credentials ? nameOfSocket(fd) : null);
    return endOf(connected(owned, type, ends, removeFile), { remoteAddress: path, localAddress, alpn: null });
  } catch (error) {
    removeFile?.();
    throw error;
  }
}

/** Resolves after some milliseconds; rejects when the signal is aborted. */
function passed(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = later(milliseconds, () => {
      forget?.();
      resolve();
    });
    const forget = signal && onAbort(signal, () => {
      timer.unref?.();
      reject(abortReason(signal));
    });
  });
}
