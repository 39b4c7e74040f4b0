/**
 * The constants of the raw layer, by their names in C and with the values of Linux.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/socket.7.html | socket(7)}
 *
 * @module
 */

import { CONSTANTS } from "../systems/linux.ts";

/** The unspecified family: no socket can be made of it. */
export const AF_UNSPEC: number = CONSTANTS.AF_UNSPEC;

/** Local sockets: the one family that makes pairs on Linux. */
export const AF_UNIX: number = CONSTANTS.AF_UNIX;

/** An older name for AF_UNIX. */
export const AF_LOCAL: number = CONSTANTS.AF_LOCAL;

/** IPv4. No pairs: EOPNOTSUPP. */
export const AF_INET: number = CONSTANTS.AF_INET;

/** IPv6. No pairs: EOPNOTSUPP. */
export const AF_INET6: number = CONSTANTS.AF_INET6;

/** Bytes without boundaries. */
export const SOCK_STREAM: number = CONSTANTS.SOCK_STREAM;

/** Records, without an end of stream. */
export const SOCK_DGRAM: number = CONSTANTS.SOCK_DGRAM;

/** In AF_UNIX the same as SOCK_DGRAM. */
export const SOCK_RAW: number = CONSTANTS.SOCK_RAW;

/** Records, with an end of stream. */
export const SOCK_SEQPACKET: number = CONSTANTS.SOCK_SEQPACKET;

/** Added to the type: O_NONBLOCK on both descriptors. */
export const SOCK_NONBLOCK: number = CONSTANTS.SOCK_NONBLOCK;

/** Added to the type: close-on-exec on both descriptors. Always set here. */
export const SOCK_CLOEXEC: number = CONSTANTS.SOCK_CLOEXEC;

/** Receive no more. */
export const SHUT_RD: number = CONSTANTS.SHUT_RD;

/** Send no more. */
export const SHUT_WR: number = CONSTANTS.SHUT_WR;

/** Neither receive nor send. */
export const SHUT_RDWR: number = CONSTANTS.SHUT_RDWR;

/** The level of the options below. */
export const SOL_SOCKET: number = CONSTANTS.SOL_SOCKET;

/** The type of the socket. Read only. */
export const SO_TYPE: number = CONSTANTS.SO_TYPE;

/** The pending error, which reading clears. Read only. */
export const SO_ERROR: number = CONSTANTS.SO_ERROR;

/** The send buffer in bytes. Linux doubles what is set, up to twice net.core.wmem_max. */
export const SO_SNDBUF: number = CONSTANTS.SO_SNDBUF;

/** The receive buffer in bytes, which AF_UNIX does not use on Linux. */
export const SO_RCVBUF: number = CONSTANTS.SO_RCVBUF;

/** The address family of the socket. Read only, Linux. */
export const SO_DOMAIN: number = CONSTANTS.SO_DOMAIN;

/** Control message: descriptors. */
export const SCM_RIGHTS: number = CONSTANTS.SCM_RIGHTS;

/** Control message: pid, uid and gid. Linux. */
export const SCM_CREDENTIALS: number = CONSTANTS.SCM_CREDENTIALS;

/** Receive without taking out of the queue. */
export const MSG_PEEK: number = CONSTANTS.MSG_PEEK;

/** Received: control messages were lost for lack of room. */
export const MSG_CTRUNC: number = CONSTANTS.MSG_CTRUNC;

/** Received: the record was longer than the buffers. Given: return its true length. */
export const MSG_TRUNC: number = CONSTANTS.MSG_TRUNC;

/** Fail with EAGAIN instead of waiting. */
export const MSG_DONTWAIT: number = CONSTANTS.MSG_DONTWAIT;

/** End of record. Linux never sets it on receipt in AF_UNIX. */
export const MSG_EOR: number = CONSTANTS.MSG_EOR;

/** Wait until the buffers are full. Streams only. */
export const MSG_WAITALL: number = CONSTANTS.MSG_WAITALL;

/** No SIGPIPE. */
export const MSG_NOSIGNAL: number = CONSTANTS.MSG_NOSIGNAL;

/** Received descriptors are close-on-exec. Linux. */
export const MSG_CMSG_CLOEXEC: number = CONSTANTS.MSG_CMSG_CLOEXEC;
