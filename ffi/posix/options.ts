import { arena } from "../arena.ts";
import { getOption, setOption } from "../syscalls.ts";
import { int } from "./_arguments.ts";

/**
 * Reads a socket option whose value is a C int, such as SO_SNDBUF, SO_RCVBUF, SO_TYPE, SO_DOMAIN or SO_ERROR.
 *
 * @param fd The descriptor
 * @param level SOL_SOCKET
 * @param option The option
 * @returns Its value. For SO_SNDBUF that is twice what was set
 * @throws {SocketError} EBADF, EINVAL, ENOPROTOOPT or ENOTSOCK
 *
 * @see {@link https://man7.org/linux/man-pages/man7/socket.7.html | socket(7)}
 */
export function getsockopt(fd: number, level: number, option: number): number {
  return getOption(arena(), int("the descriptor", fd), int("the option", option), int("the level", level));
}

/**
 * Sets a socket option whose value is a C int, such as SO_SNDBUF or SO_RCVBUF.
 *
 * @param fd The descriptor
 * @param level SOL_SOCKET
 * @param option The option
 * @param value Its value
 * @throws {SocketError} EBADF, EINVAL, ENOPROTOOPT or ENOTSOCK
 *
 * @see {@link https://man7.org/linux/man-pages/man7/socket.7.html | socket(7)}
 */
export function setsockopt(fd: number, level: number, option: number, value: number): void {
  int("the descriptor", fd);
  setOption(arena(), fd, int("the option", option), int("the value", value), int("the level", level));
}
