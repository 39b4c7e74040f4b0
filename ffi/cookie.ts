import { arena } from "./arena.ts";
import { SocketError } from "./errors.ts";
import { getCookie } from "./syscalls.ts";

/**
 * What tells a socket from every other one, whichever number it has in whichever process (SO_COOKIE).
 *
 * @param fd The descriptor
 * @param act What it is asked for, for the error
 * @returns A number in decimal digits, or nothing where the system has none: an emulator's, a sandbox's
 * @throws {SocketError} EBADF if it is not open, ENOTSOCK if it is no socket
 */
export function cookieOf(fd: number, act: string): string {
  try {
    return String(getCookie(arena(), fd, act));
  } catch (error) {
    if (error instanceof SocketError && error.code === "ENOPROTOOPT") return "";
    throw error;
  }
}
