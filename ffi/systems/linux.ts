/**
 * What this module needs to know of Linux: numbers, struct layouts and library names.
 *
 * The numbers are those of the generic UAPI headers, which x86-64 and arm64 share; the one layout that differs
 * (`struct epoll_event`) says so.
 */

/** `errno` values by name (`asm-generic/errno-base.h`, `asm-generic/errno.h`): those that a user of a pair may meet. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
  EPIPE: 32,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ELOOP: 40,
  ENOTSOCK: 88,
  EDESTADDRREQ: 89,
  EMSGSIZE: 90,
  EPROTOTYPE: 91,
  ENOPROTOOPT: 92,
  EPROTONOSUPPORT: 93,
  ESOCKTNOSUPPORT: 94,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  EISCONN: 106,
  ENOTCONN: 107,
  ETOOMANYREFS: 109,
  ECONNREFUSED: 111,
} as const;

/** The constants that callers of the raw layer pass, by their C names. */
export const CONSTANTS = {
  AF_UNSPEC: 0,
  AF_UNIX: 1,
  AF_LOCAL: 1,
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_RAW: 3,
  SOCK_SEQPACKET: 5,
  SOCK_NONBLOCK: 0o4000,
  SOCK_CLOEXEC: 0o2000000,
  SHUT_RD: 0,
  SHUT_WR: 1,
  SHUT_RDWR: 2,
  SOL_SOCKET: 1,
  SO_TYPE: 3,
  SO_ERROR: 4,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_ACCEPTCONN: 30,
  SO_PASSCRED: 16,
  SO_PEERCRED: 17,
  SO_TIMESTAMP: 29,
  SO_DOMAIN: 39,
  SO_COOKIE: 57,
  SCM_RIGHTS: 1,
  SCM_CREDENTIALS: 2,
  SCM_PIDFD: 4,
  MSG_PEEK: 0x2,
  MSG_CTRUNC: 0x8,
  MSG_TRUNC: 0x20,
  MSG_DONTWAIT: 0x40,
  MSG_EOR: 0x80,
  MSG_WAITALL: 0x100,
  MSG_NOSIGNAL: 0x4000,
  MSG_CMSG_CLOEXEC: 0x40000000,
} as const;

export const F_SETFD = 2;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const F_DUPFD_CLOEXEC = 1030;
export const FD_CLOEXEC = 1;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;

export const EPOLL_CLOEXEC = 0o2000000;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;
export const EPOLLIN = 0x1;
export const EPOLLOUT = 0x4;
export const EPOLLERR = 0x8;
export const EPOLLHUP = 0x10;
export const EPOLLRDHUP = 0x2000;
export const EPOLLONESHOT = 0x40000000;
export const EFD_CLOEXEC_NONBLOCK = 0o2004000;
export const POLLIN = 0x1;
export const POLLHUP = 0x10;
export const POLLRDHUP = 0x2000;
export const MADV_DONTNEED = 4;

export const PROT_READ_WRITE = 3;
/** MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE: pages cost nothing until they are touched. */
export const MAP_SCRATCH = 0x4022;

/** `struct msghdr` on 64-bit Linux, as byte offsets; the same under glibc and musl (whose padding must be zero). */
export const MSGHDR = {
  size: 56,
  name: 0,
  namelen: 8,
  iov: 16,
  iovlen: 24,
  control: 32,
  controllen: 40,
  flags: 48,
} as const;

/** `struct mmsghdr`: a message header, then the length of what was received, padded to 8 bytes. */
export const MMSGHDR = { size: 64, length: 56 } as const;

/**
 * `struct sockaddr_un`: the family, 2 bytes, then a name of at most 107: a path with a NUL behind it, or one that is no file
 * (abstract) behind a NUL. The kernel gives back a byte more than `size` at most.
 */
export const SOCKADDR_UN = { path: 2, size: 110, longest: 107 } as const;

/** What `struct statx` tells of a file, as byte offsets, the same on every processor. `kind` is S_IFMT of the mode. */
export const STATX = { mode: 28, inode: 32, device: 136, size: 256, kind: 0o170000, socket: 0o140000 } as const;
/** AT_FDCWD, AT_SYMLINK_NOFOLLOW and STATX_BASIC_STATS. */
export const STATX_PATH = { folder: -100, flags: 0x100, mask: 0x7ff } as const;
/** LOCK_EX | LOCK_NB */
export const LOCK_NOW = 6;

/** `struct iovec`: base and length, 8 bytes each. */
export const IOVEC_SIZE = 16;

/** The most iovecs one sendmsg takes (`UIO_MAXIOV`). */
export const IOV_MAX = 1024;

/** Size of `struct cmsghdr`: length (8), level (4), type (4); the data follows, each message aligned to 8. */
export const CMSGHDR_SIZE = 16;

/**
 * The longest control messages that musl's sendmsg takes; longer ones fail with ENOMEM. 251 descriptors are that long
 * (253 from musl 1.2.4 on, but not with credentials), and the kernel's limit is 253.
 */
export const LIBC_CONTROL_MAX = 1024;

/** The numbers of system calls that a C library limits (musl's sendmsg) or has not (statx, before musl 1.2.5). */
export const SYSTEM_CALLS: {
  readonly [arch: string]: { readonly sendmsg: number; readonly statx: number } | undefined;
} = {
  x64: { sendmsg: 46, statx: 332 },
  arm64: { sendmsg: 211, statx: 291 },
};

/** The most descriptors in one record (`SCM_MAX_FD`). */
export const SCM_MAX_FD = 253;

/** `struct epoll_event` is packed on x86-64 only (`__EPOLL_PACKED`). */
export function epollEventLayout(arch: string): { size: number; data: number } {
  return arch === "x64" ? { size: 12, data: 4 } : { size: 16, data: 8 };
}

/**
 * What the kernel takes off SO_SNDBUF for its own header: the largest record is SO_SNDBUF less this
 * (`unix_dgram_sendmsg` in net/unix/af_unix.c).
 */
export const RECORD_OVERHEAD = 32;

/**
 * The largest record that the kernel takes with pages of 4 KiB, however large SO_SNDBUF is: beyond it there is ENOBUFS
 * (`sock_alloc_send_pskb`: 4 MiB in one piece and 17 pages, less the header).
 */
export const LARGEST_RECORD = 4_263_616;

/**
 * The C library's names, which the runtime's own dynamic linker looks up: it has the library open already, and gives
 * that one. musl's takes every name that begins with `libc.` for itself.
 */
export const LIBC_NAMES: readonly string[] = [
  "libc.so.6",
  "libc.musl-x86_64.so.1",
  "libc.musl-aarch64.so.1",
];

/**
 * Where distributions keep the file. A system can have both, and a second C library in a process corrupts the first
 * one's memory: so only those of the runtime's own are tried.
 */
export const LIBC_PATHS: { readonly gnu: readonly string[]; readonly musl: readonly string[] } = {
  gnu: [
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/usr/lib/x86_64-linux-gnu/libc.so.6",
    "/lib/aarch64-linux-gnu/libc.so.6",
    "/usr/lib/aarch64-linux-gnu/libc.so.6",
    "/lib64/libc.so.6",
    "/usr/lib64/libc.so.6",
    "/usr/lib/libc.so.6",
  ],
  musl: [
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
  ],
};
