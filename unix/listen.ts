import { listenAt, openSocket, shown } from "../ffi/named_socket.ts";
import { Socket } from "../ffi/socket.ts";
import type { ChunkKind, ChunksOption } from "../streams/options.ts";
import type { EndOf } from "../streams/socket_end.ts";
import { Acceptor, BUSY_POLL } from "./_acceptor.ts";
import { type Listener, listenerOf } from "./listener.ts";
import { type ListenOptions, takeListenOptions } from "./options.ts";

/**
 * Listens on a path.
 *
 * - Where a file is left of a server that is gone, it is replaced. Of several processes that start at once, one listens: each
 *   locks the folder (flock) while it looks at the file and replaces it.
 * - A file that is no socket, and one that a process has open, are never touched.
 * - `mode` is the file's, whatever the umask is, and at no moment is it wider. Who may enter the folder matters as well.
 * - The options of the ends are checked here, not at the first client. With `credentials` the socket has SO_PASSCRED before it
 *   listens, so that no first message comes without its sender.
 *
 * @param options Where, and how the ends behave
 * @returns The listener. `close()` takes the file away
 * @throws {SocketError} EADDRINUSE if the name is in use, or the file is no socket; ENOENT, EACCES, ENOTDIR, EROFS and others of
 * bind(2); EMFILE; EAGAIN if another process keeps the folder locked. Nothing is left open, and no file
 * @throws {RangeError} If the path has more than 107 bytes, or another number is out of range
 * @throws {TypeError} If an option is unknown, is of a wrong kind, or does nothing in its combination
 *
 * @example Answer each client
 * ```ts
 * import { connect, listen } from "@socketpair/streams/unix";
 *
 * await using server = listen({ path: "\0example of listen", type: "seqpacket" });
 * await using client = await connect({ path: server.path, type: "seqpacket" });
 * for await (const end of server) {
 *   await end.write(new TextEncoder().encode(`hello, process ${end.peerCredentials().pid}`));
 *   await end.close();
 *   break; // which closes the listener
 * }
 * console.log(await client.read(new Uint8Array(100)) !== null); // true
 * ```
 *
 * @see {@link https://man7.org/linux/man-pages/man2/bind.2.html | bind(2)},
 * {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export function listen<Kind extends ChunkKind | undefined = undefined>(
  options: ListenOptions & ChunksOption<Kind>,
): Listener<EndOf<Kind>>;
export function listen(options: ListenOptions): unknown {
  const { path, type, backlog, mode, ends } = takeListenOptions(options);
  const act = `Cannot listen at ${shown(path)}`;
  using owned = openSocket(type, 0, ends.credentials ?? false, act);
  const onClose = listenAt(owned.fd, path, mode, backlog, act);
  const socket = owned.move((fd) => new Socket(fd, type, { busyPoll: BUSY_POLL, onClose }));
  return listenerOf(new Acceptor(socket, path, ends));
}
