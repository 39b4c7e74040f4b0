import { arena } from "./arena.ts";
import { type SocketType, typeOfNumber } from "./socket_type.ts";
import { getOption } from "./syscalls.ts";
import { CONSTANTS } from "./systems/linux.ts";

/**
 * What kind of socket a descriptor is, if it is one that can be adopted.
 *
 * @throws {TypeError} If it is of another family or type, or listens
 * @throws {SocketError} EBADF if it is not open, ENOTSOCK if it is no socket
 */
export function typeOfSocket(fd: number): SocketType {
  const memory = arena();
  const act = `Cannot adopt descriptor ${fd}`;
  const read = (option: number) => getOption(memory, fd, option, CONSTANTS.SOL_SOCKET, act);
  const domain = read(CONSTANTS.SO_DOMAIN);
  if (domain !== CONSTANTS.AF_UNIX) throw new TypeError(`${act}: its address family is ${domain}, not AF_UNIX`);
  const number = read(CONSTANTS.SO_TYPE);
  const type = typeOfNumber(number);
  if (type === undefined) throw new TypeError(`${act}: its socket type ${number} is unknown`);
  if (read(CONSTANTS.SO_ACCEPTCONN) !== 0) {
    throw new TypeError(`${act}: it is a listening socket, of which an end is made by accept()`);
  }
  return type;
}
