import { type Arena, arena } from "../arena.ts";
import { checked, close, socketpair as openPair } from "../syscalls.ts";
import { bytesOfView, kindOfTyped } from "../views.ts";
import { int } from "./_arguments.ts";

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
 * @throws {SocketError} EAFNOSUPPORT, EOPNOTSUPP (a family without pairs), EPROTONOSUPPORT, EPROTOTYPE,
 * ESOCKTNOSUPPORT or EINVAL (an unknown type), EMFILE, ENFILE, EACCES, ENOBUFS, ENOMEM
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
 * Makes a pair of sockets, and writes their descriptors into the caller's vector.
 *
 * @param domain The address family
 * @param type The type of socket
 * @param protocol 0 for the type's own
 * @param vector Where the descriptors go: at least two elements, or the address of two C ints, which the kernel checks
 * @returns 0
 * @throws {SocketError} What the other form throws; EFAULT if the address is outside this process's memory
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
  }
  const room = vector === undefined || typeof vector === "number" ? undefined : roomIn(vector);
  const pair = openPair(memory, domain, type, protocol);
  if (vector === undefined) return pair;
  if (typeof vector === "number") copyOut(memory, pair, vector);
  else room!.set(pair);
  return 0;
}

/** The first two elements of the vector, in a view of ours: whatever the vector says itself, the pair has a place. */
function roomIn(vector: unknown): Int32Array {
  if (kindOfTyped(vector) === "Int32Array") {
    const bytes = bytesOfView(vector as Int32Array, "fill");
    if (bytes.byteLength >= 8) return new Int32Array(bytes.buffer, bytes.byteOffset, 2);
  }
  throw new TypeError("Cannot fill the vector: it is an Int32Array of at least two elements");
}

/**
 * Copies a pair to an address, which only the kernel can check: through the pair itself. Had socketpair(2) got the address,
 * it would store numbers there even when it fails later on.
 */
function copyOut(memory: Arena, [left, right]: [number, number], address: number): void {
  const { calls } = memory.libc;
  const act = "Cannot create a socket pair";
  try {
    checked(memory, act, "socketpair", () => calls.write(left, memory.valuesAddress, 8));
    checked(memory, act, "socketpair", () => calls.read(right, address, 8));
  } catch (error) {
    close(memory, left);
    close(memory, right);
    throw error;
  }
}
