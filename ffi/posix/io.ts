import { arena, SCRATCH_SIZE } from "../arena.ts";
import { SocketError } from "../errors.ts";
import { lendable, outgoing, outgoingLength } from "../outgoing.ts";
import { checked, shutdown as shutDown } from "../syscalls.ts";
import { int, viewedBytes } from "./_arguments.ts";

/**
 * Reads from a descriptor. Blocks this thread while there is nothing, unless the descriptor is O_NONBLOCK.
 *
 * - 0 means EOF, an empty record, or an empty buffer: see {@linkcode recvmsg} to tell them apart.
 * - A record that is longer than the buffer is cut, without a word.
 *
 * @param fd The descriptor
 * @param buffer Where the bytes go
 * @returns The number of bytes read
 * @throws {SocketError} EAGAIN, EBADF, ECONNRESET and others of read(2)
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/functions/read.html | read() in POSIX}
 */
export function read(fd: number, buffer: ArrayBufferView): number {
  const memory = arena();
  const view = viewedBytes("the buffer", buffer);
  const { byteLength } = view;
  const direct = lendable(view, byteLength);
  const address = direct ? memory.libc.lend(view) : memory.receiveScratchAddress;
  const size = direct ? byteLength : Math.min(byteLength, SCRATCH_SIZE);
  const { calls } = memory.libc;
  const length = checked(memory, "Cannot read", "read", () => calls.read(int("the descriptor", fd), address, size));
  if (!direct) view.set(memory.receiveScratch.subarray(0, length));
  return length;
}

/**
 * Writes to a descriptor. Blocks this thread while there is no room, unless the descriptor is O_NONBLOCK.
 *
 * @param fd The descriptor
 * @param buffer The bytes. On a record socket they make one record
 * @returns The number of bytes written, which on a stream may be fewer than given
 * @throws {SocketError} EAGAIN, EBADF, ECONNREFUSED, EMSGSIZE, EPIPE and others of write(2). No SIGPIPE ends the process: the
 * runtimes ignore it
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/functions/write.html | write() in POSIX}
 */
export function write(fd: number, buffer: ArrayBufferView): number {
  const memory = arena();
  const view = viewedBytes("the buffer", buffer);
  int("the descriptor", fd);
  const { byteLength } = view;
  const lends = lendable(view, byteLength);
  const address = outgoing(memory, view, lends, byteLength);
  const size = outgoingLength(lends, byteLength);
  return checked(memory, "Cannot write", "write", () => memory.libc.calls.write(fd, address, size));
}

/**
 * Closes a descriptor. Not one that a `SocketEnd` owns: that one closes it itself.
 *
 * @param fd The descriptor
 * @throws {SocketError} EBADF if it is not open. After EINTR it is closed all the same
 *
 * @see {@link https://man7.org/linux/man-pages/man2/close.2.html | close(2)}
 */
export function close(fd: number): void {
  const { libc } = arena();
  if (libc.calls.close(int("the descriptor", fd)) !== -1) return;
  throw new SocketError("Cannot close the descriptor", libc.errno(), "close");
}

/**
 * Ends one or both directions of a socket.
 *
 * @param fd The descriptor
 * @param how SHUT_RD, SHUT_WR or SHUT_RDWR
 * @throws {SocketError} EBADF, EINVAL, ENOTCONN or ENOTSOCK
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/functions/shutdown.html | shutdown() in POSIX}
 */
export function shutdown(fd: number, how: number): void {
  shutDown(arena(), int("the descriptor", fd), int("how", how), "Cannot shut down");
}
