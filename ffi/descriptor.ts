/**
 * What can be done with the number of a descriptor.
 *
 * @module
 */

import { arena } from "./arena.ts";
import { OwnedDescriptor } from "./owned_descriptor.ts";
import { type SocketType, typeOfNumber } from "./socket_type.ts";
import * as syscalls from "./syscalls.ts";
import { CONSTANTS } from "./systems/linux.ts";

/**
 * What kind of socket a descriptor is, if it is one that can be adopted.
 *
 * @throws {TypeError} If it is of another family or type, or listens
 * @throws {SocketError} EBADF if it is not open, ENOTSOCK if it is no socket
 */
export function typeOfSocket(fd: number, listens: boolean = false): SocketType {
  const memory = arena();
  const act = `Cannot adopt descriptor ${fd}`;
  const { SOL_SOCKET } = CONSTANTS;
  // Called directly: of the ten frames that an error shows, the last is to be the user's.
  const domain = syscalls.getOption(memory, fd, CONSTANTS.SO_DOMAIN, SOL_SOCKET, act, "it");
  if (domain !== CONSTANTS.AF_UNIX) throw new TypeError(`${act}: its address family is ${domain}, not AF_UNIX`);
  const number = syscalls.getOption(memory, fd, CONSTANTS.SO_TYPE, SOL_SOCKET, act, "it");
  const type = typeOfNumber(number);
  if (type === undefined) throw new TypeError(`${act}: its socket type ${number} is unknown`);
  const isListening = syscalls.getOption(memory, fd, CONSTANTS.SO_ACCEPTCONN, SOL_SOCKET, act, "it") !== 0;
  if (isListening !== listens) {
    const what = listens ? "does not listen, and SocketEnd takes it" : "is a listening socket, and Listener takes it";
    throw new TypeError(`${act}: it ${what}`);
  }
  return type;
}

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

/**
 * Makes a pipe: what is written to the second descriptor is read from the first. Both are close-on-exec.
 *
 * @returns Both descriptors
 * @throws {SocketError} EMFILE or ENFILE
 *
 * @see {@link https://man7.org/linux/man-pages/man2/pipe.2.html | pipe2(2)}
 */
export function pipe(): [read: OwnedDescriptor, write: OwnedDescriptor] {
  const [read, write] = syscalls.pipe(arena());
  return [new OwnedDescriptor(read), new OwnedDescriptor(write)];
}
