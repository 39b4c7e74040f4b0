import { arena } from "../arena.ts";
import { checked } from "../syscalls.ts";
import { int } from "./_int.ts";

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
  const memory = arena();
  const { calls } = memory.libc;
  const { values, valuesAddress } = memory;
  int("the descriptor", fd);
  values[1] = 4;
  checked(
    memory,
    "Cannot read a socket option",
    "getsockopt",
    () => calls.getsockopt(fd, int("the level", level), int("the option", option), valuesAddress, valuesAddress + 4),
  );
  return values[0]!;
}

/**
 * Sets a socket option whose value is a C int, such as SO_SNDBUF or SO_RCVBUF.
 *
 * @param fd The descriptor
 * @param level SOL_SOCKET
 * @param option The option
 * @param value Its value
 * @throws {SocketError} EBADF, EDOM, EINVAL, ENOPROTOOPT or ENOTSOCK
 *
 * @see {@link https://man7.org/linux/man-pages/man7/socket.7.html | socket(7)}
 */
export function setsockopt(fd: number, level: number, option: number, value: number): void {
  const memory = arena();
  const { calls } = memory.libc;
  memory.values[0] = int("the value", value);
  int("the descriptor", fd);
  checked(
    memory,
    "Cannot set a socket option",
    "setsockopt",
    () => calls.setsockopt(fd, int("the level", level), int("the option", option), memory.valuesAddress, 4),
  );
}
