import { ERRNO, LARGEST_RECORD } from "./systems/linux.ts";

/** What a code means to a user of a pair. */
const MEANING: Record<string, string> = {
  EPERM: "the system does not permit it",
  ENOENT: "there is no such file or folder",
  EINTR: "a signal interrupted the call",
  EBADF: "the descriptor is not open",
  EAGAIN: "the call would block",
  ENOMEM: "the system is out of memory",
  EACCES: "the process has no privilege for it",
  EFAULT: "the address is outside this process's memory",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "it is a folder",
  EINVAL: "an argument is invalid",
  ENFILE: "the system has too many open files",
  EMFILE: "this process has too many open files",
  ENOSPC: "this user watches too many descriptors",
  EROFS: "the file system is read-only",
  EPIPE: "the peer has closed, or reads no more",
  ENAMETOOLONG: "the path is too long",
  ELOOP: "the path has too many symbolic links",
  ENOSYS: "this system does not have the call",
  ENOTSOCK: "the descriptor is not a socket",
  EDESTADDRREQ: "the socket is connected to no receiver",
  EMSGSIZE: "the record is larger than the send buffer allows",
  EPROTOTYPE: "the protocol does not support this type",
  ENOPROTOOPT: "the option is unknown",
  EPROTONOSUPPORT: "the protocol is not supported",
  ESOCKTNOSUPPORT: "the type is not supported",
  EOPNOTSUPP: "the operation is not supported by this kind of socket",
  EAFNOSUPPORT: "the address family is not supported",
  EADDRINUSE: "the name is in use",
  EADDRNOTAVAIL: "there is no name left",
  ECONNABORTED: "the client has gone",
  ECONNRESET: "the peer closed without reading everything",
  ENOBUFS: "the system is out of buffer space",
  EISCONN: "the socket is connected already",
  ENOTCONN: "the socket is not connected",
  ETOOMANYREFS: "too many descriptors are in flight",
  ECONNREFUSED: "the peer is gone",
};

/** What a code means of connect(2), where it means something else. */
const MEANING_AT_CONNECT: Record<string, string> = {
  EPROTOTYPE: "the socket there is of another type",
  ECONNREFUSED: "nothing listens there",
};

const NAMES = new Map<number, string>(Object.entries(ERRNO).map(([name, errno]) => [errno, name]));

/**
 * A system call that failed.
 *
 * @example Tell a closed peer from other failures
 * ```ts
 * import { SocketError, socketpair } from "@socketpair/streams";
 *
 * const [left, right] = socketpair({ type: "seqpacket" });
 * await right.close();
 * const writer = left.writable.getWriter();
 * await writer.write(new Uint8Array(1)).catch((error) => {
 *   if (!(error instanceof SocketError && error.code === "EPIPE")) throw error;
 * });
 * left[Symbol.dispose]();
 * ```
 *
 * @see {@link https://man7.org/linux/man-pages/man3/errno.3.html | errno(3)}
 */
export class SocketError extends Error {
  /** "SocketError" */
  override readonly name: string = "SocketError";
  /** The error's name in C, as `"EPIPE"`. */
  readonly code: string;
  /** The error's number on this system. */
  readonly errno: number;
  /** The call that failed, as `"sendmsg"`. */
  readonly syscall: string;

  /**
   * Not for use: errors come from the calls that fail.
   *
   * @param act What could not be done, as in "Cannot send a record"
   * @param errno The error's number
   * @param syscall The call that failed
   * @param descriptor What the message calls the descriptor: "it" where the act names it
   */
  constructor(act: string, errno: number, syscall: string, descriptor: string = "the descriptor") {
    const code = NAMES.get(errno) ?? `E${errno}`;
    const meaning = (syscall === "connect" ? MEANING_AT_CONNECT[code] : undefined) ?? MEANING[code] ??
      `${syscall} failed`;
    super(`${act}: ${meaning.replace("the descriptor", descriptor)} (${code})`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
  }
}

/** Whether an error passes by itself, and nothing tells when: ETOOMANYREFS, until descriptors in flight have arrived. */
export function isPassing(error: unknown): boolean {
  return error instanceof SocketError && error.code === "ETOOMANYREFS";
}

/** Whether an error says that the peer has gone. */
export function isGone(error: unknown): boolean {
  return error instanceof SocketError && (error.code === "EPIPE" || error.code === "ECONNRESET");
}

/** Whether the process or the system has no room for one more descriptor. Nothing tells when there is some again. */
export function isShortage(error: unknown): boolean {
  return error instanceof SocketError && SHORTAGES.has(error.code);
}

const SHORTAGES: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"]);

/** Whether a record of `size` bytes could not be sent because of its size. */
export function isTooLarge(error: unknown, size: number): boolean {
  if (!(error instanceof SocketError)) return false;
  return error.code === "EMSGSIZE" || (error.code === "ENOBUFS" && size > LARGEST_RECORD);
}

/** Whether an error concerns one chunk, and others may be sent: not if the socket itself cannot send any more. */
export function isRefusal(error: unknown): boolean {
  return !(error instanceof SocketError) || REFUSALS.has(error.code);
}

const REFUSALS: ReadonlySet<string> = new Set([
  "EINVAL",
  "EMSGSIZE",
  "ENOBUFS",
  "ENOMEM",
  "EPERM",
  "ETOOMANYREFS",
]);
