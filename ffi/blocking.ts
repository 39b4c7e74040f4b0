import { arena } from "./arena.ts";
import * as syscalls from "./syscalls.ts";

/**
 * Takes O_NONBLOCK off, which most programs do not expect. The flag belongs to the open file: to every duplicate too.
 *
 * @param fd The descriptor
 * @throws {SocketError} EBADF
 *
 * @see {@link https://man7.org/linux/man-pages/man2/fcntl.2.html | fcntl(2)}
 */
export function setBlocking(fd: number): void {
  syscalls.setBlocking(arena(), fd);
}
