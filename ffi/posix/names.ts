import { arena } from "../arena.ts";
import * as names from "../names.ts";
import { int } from "./_arguments.ts";

/**
 * Creates a socket.
 *
 * @param domain The address family
 * @param type SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET, with SOCK_NONBLOCK if wanted. SOCK_CLOEXEC is always set
 * @param protocol 0 for the type's own
 * @returns The descriptor, which is the caller's to close
 * @throws {SocketError} EACCES, EAFNOSUPPORT, EINVAL, EMFILE, ENFILE, ENOBUFS, ENOMEM, EPROTONOSUPPORT, EPROTOTYPE,
 * ESOCKTNOSUPPORT
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/functions/socket.html | socket() in POSIX}
 */
export function socket(domain: number, type: number, protocol: number): number {
  int("the domain", domain);
  return names.socket(arena(), domain, int("the type", type), int("the protocol", protocol), "Cannot create a socket");
}

/**
 * Gives an AF_UNIX socket a name. A path must not be there yet: bind makes the file, and no call takes it away again.
 *
 * @param fd The descriptor
 * @param path A file's path, or a name behind a NUL; at most 107 bytes
 * @throws {SocketError} EACCES, EADDRINUSE, EBADF, EINVAL (it has a name), ELOOP, ENOENT, ENOTDIR, ENOTSOCK, EROFS
 * @throws {RangeError} If the path is too long
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/functions/bind.html | bind() in POSIX}
 */
export function bind(fd: number, path: string): void {
  names.bind(arena(), int("the descriptor", fd), path, "Cannot bind");
}

/**
 * Makes a socket a listening one.
 *
 * @param fd The descriptor
 * @param backlog How many clients may wait to be accepted; one more does
 * @throws {SocketError} EBADF, EINVAL (it is connected, or has no name), ENOTSOCK, EOPNOTSUPP
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/functions/listen.html | listen() in POSIX}
 */
export function listen(fd: number, backlog: number): void {
  names.listen(arena(), int("the descriptor", fd), int("the backlog", backlog), "Cannot listen");
}

/**
 * Takes a client out of the backlog. Blocks this thread while there is none, unless the descriptor is O_NONBLOCK. Who it is,
 * {@linkcode getpeername} tells.
 *
 * @param fd The descriptor
 * @param flags SOCK_NONBLOCK if wanted. SOCK_CLOEXEC is always set
 * @returns The descriptor of the connection, which is the caller's to close
 * @throws {SocketError} EAGAIN, EBADF, ECONNABORTED, EINVAL (it does not listen), EMFILE, ENFILE, ENOTSOCK, EOPNOTSUPP
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/functions/accept.html | accept4() in POSIX}
 */
export function accept4(fd: number, flags: number = 0): number {
  return names.accept4(arena(), int("the descriptor", fd), int("the flags", flags), "Cannot accept");
}

/**
 * Connects an AF_UNIX socket. Blocks this thread while the backlog there is full, unless the descriptor is O_NONBLOCK.
 *
 * @param fd The descriptor
 * @param path A file's path, or a name behind a NUL; at most 107 bytes
 * @throws {SocketError} EACCES, EAGAIN (the backlog is full), EBADF, ECONNREFUSED, EISCONN, ELOOP, ENOENT, ENOTDIR, ENOTSOCK,
 * EPROTOTYPE
 * @throws {RangeError} If the path is too long
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/functions/connect.html | connect() in POSIX}
 */
export function connect(fd: number, path: string): void {
  names.connect(arena(), int("the descriptor", fd), path, "Cannot connect");
}

/**
 * The name of an AF_UNIX socket.
 *
 * @param fd The descriptor
 * @returns A file's path, or a name behind a NUL; null where it has none
 * @throws {SocketError} EBADF, ENOBUFS, ENOTSOCK
 * @throws {TypeError} If the socket is of another family
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/functions/getsockname.html | getsockname() in POSIX}
 */
export function getsockname(fd: number): string | null {
  return names.nameOf(arena(), int("the descriptor", fd), "getsockname", "Cannot tell the socket's name");
}

/**
 * The name of an AF_UNIX socket's peer.
 *
 * @param fd The descriptor
 * @returns A file's path, or a name behind a NUL; null where it has none
 * @throws {SocketError} EBADF, ENOBUFS, ENOTCONN, ENOTSOCK
 * @throws {TypeError} If the socket is of another family
 *
 * @see {@link https://pubs.opengroup.org/onlinepubs/9799919799/functions/getpeername.html | getpeername() in POSIX}
 */
export function getpeername(fd: number): string | null {
  return names.nameOf(arena(), int("the descriptor", fd), "getpeername", "Cannot tell the peer's name");
}
