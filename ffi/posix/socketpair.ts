import { arena } from "../arena.ts";
import { checked, socketpair as openPair } from "../syscalls.ts";
import { CONSTANTS } from "../systems/linux.ts";
import { int } from "./_int.ts";

/**
 * Creates a pair of connected sockets, as POSIX has it.
 *
 * - Both descriptors are SOCK_CLOEXEC, whether or not the type says so: otherwise every child would hold both ends.
 * - On failure no descriptor is allocated and the vector is unchanged.
 *
 * @param domain The address family. Linux makes pairs of AF_UNIX only
 * @param type SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET, with SOCK_NONBLOCK if wanted
 * @param protocol 0 for the type's own
 * @returns Both descriptors, which are the caller's to close
 * @throws {SocketError} EAFNOSUPPORT, EOPNOTSUPP (a family without pairs), EPROTONOSUPPORT, EPROTOTYPE, EINVAL (an unknown
 * type), EMFILE, ENFILE, EACCES, ENOBUFS, ENOMEM
 * @throws {RangeError} If an argument is not a 32-bit integer
 *
 * @example Two descriptors
 * ```ts
 * import { AF_UNIX, close, SOCK_STREAM, socketpair } from "@socketpair/streams/ffi";
 *
 * const [left, right] = socketpair(AF_UNIX, SOCK_STREAM, 0);
 * close(left);
 * close(right);
 * ```
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/functions/socketpair.html | socketpair() in POSIX},
 * {@link https://man7.org/linux/man-pages/man2/socketpair.2.html | socketpair(2)}
 */
export function socketpair(domain: number, type: number, protocol: number): [number, number];
/**
 * As above, into the caller's vector.
 *
 * @param domain The address family
 * @param type The type of socket
 * @param protocol 0 for the type's own
 * @param vector Where the descriptors go: at least two elements, or the address of two C ints, which the kernel checks
 * @returns 0
 * @throws {SocketError} As above; EFAULT if the address is outside this process's memory
 */
export function socketpair(domain: number, type: number, protocol: number, vector: Int32Array | number): 0;
export function socketpair(
  domain: number,
  type: number,
  protocol: number,
  vector?: Int32Array | number,
): [number, number] | 0 {
  const memory = arena();
  int("the domain", domain);
  int("the type", type);
  int("the protocol", protocol);
  if (typeof vector === "number") {
    if (!Number.isSafeInteger(vector) || vector < 0) throw new RangeError(`Cannot pass address ${vector}`);
    const { calls } = memory.libc;
    const flagged = type | CONSTANTS.SOCK_CLOEXEC;
    checked(
      memory,
      "Cannot create a socket pair",
      "socketpair",
      () => calls.socketpair(domain, flagged, protocol, vector),
    );
    return 0;
  }
  if (vector !== undefined && (!(vector instanceof Int32Array) || vector.length < 2)) {
    throw new TypeError("Cannot fill the vector: it is an Int32Array of at least two elements");
  }
  const pair = openPair(memory, domain, type, protocol);
  if (vector === undefined) return pair;
  vector.set(pair);
  return 0;
}
