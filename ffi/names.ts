/**
 * The system calls on sockets that have a name, and on the files that the names are: as in `syscalls.ts`, no code above sees
 * -1 or errno. What a call reads and writes lies in the arena's scratch for the length of that one call.
 *
 * @module
 */

import type { Arena } from "./arena.ts";
import { SocketError } from "./errors.ts";
import { checked, close, WOULD_BLOCK } from "./syscalls.ts";
import {
  CONSTANTS,
  ERRNO,
  LOCK_NOW,
  O_CLOEXEC,
  SOCKADDR_UN,
  STATX,
  STATX_PATH,
  SYSTEM_CALLS,
} from "./systems/linux.ts";

/** How often, and after how many milliseconds, a folder's lock is tried again. */
const LOCK_TRIES = 400;
const LOCK_PAUSE = 5;

/** The longest path, with the NUL behind it. */
const PATH_MAX = 4096;

/** What a file is, as far as it matters here. */
export interface FileStatus {
  readonly isSocket: boolean;
  /** The bits that chmod(2) sets. */
  readonly mode: number;
  /** The same for the same file, and for no other that is there at the same time. */
  readonly identity: string;
}

/** A path or a name as messages show it. */
export function shown(path: string): string {
  return `"${path.replaceAll("\0", "\\0")}"`;
}

/**
 * The bytes of a path, or of a name behind a NUL.
 *
 * @throws {TypeError} If it is no text, or can be neither
 * @throws {RangeError} If it is too long for a socket
 */
export function bytesOfName(path: unknown): Uint8Array {
  if (typeof path !== "string") throw new TypeError(`Cannot use ${typeof path} as a path: it is a string`);
  if (path === "") throw new TypeError("Cannot use an empty path: it is that of a file, or a name behind a NUL");
  const isFile = !path.startsWith("\0");
  if (isFile && path.includes("\0")) throw new TypeError(`Cannot use ${shown(path)} as a path: it has a NUL in it`);
  const bytes = new TextEncoder().encode(path);
  const length = isFile ? bytes.byteLength : bytes.byteLength - 1;
  if (length <= SOCKADDR_UN.longest) return bytes;
  throw new RangeError(`Cannot use a path of ${length} bytes: a socket's has at most ${SOCKADDR_UN.longest}`);
}

/** Writes a `struct sockaddr_un` for the next call. Gives its length, of which the NUL behind a path is a part. */
function putName(arena: Arena, path: string): number {
  const bytes = bytesOfName(path);
  const { sendScratch } = arena;
  sendScratch[0] = CONSTANTS.AF_UNIX;
  sendScratch[1] = 0;
  sendScratch.set(bytes, SOCKADDR_UN.path);
  const length = SOCKADDR_UN.path + bytes.byteLength;
  if (bytes[0] === 0) return length;
  sendScratch[length] = 0;
  return length + 1;
}

/** Reads a `struct sockaddr_un` of which the kernel has told the length in the arena's first value. */
function takeName({ receiveScratch, values }: Arena): string | null {
  const length = values[0]!;
  if (length <= SOCKADDR_UN.path) return null;
  const bytes = receiveScratch.slice(SOCKADDR_UN.path, length);
  // Behind a path there is a NUL, behind a name there is none.
  const end = bytes[0] === 0 ? -1 : bytes.indexOf(0);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(end === -1 ? bytes : bytes.subarray(0, end));
}

/** Makes a socket, close-on-exec. */
export function socket(arena: Arena, domain: number, type: number, protocol: number, act: string): number {
  const { calls } = arena.libc;
  return checked(arena, act, "socket", () => calls.socket(domain, type | CONSTANTS.SOCK_CLOEXEC, protocol));
}

/** Gives a socket a name. */
export function bind(arena: Arena, fd: number, path: string, act: string): void {
  const length = putName(arena, path);
  checked(arena, act, "bind", () => arena.libc.calls.bind(fd, arena.sendScratchAddress, length));
}

/** Lets others connect. */
export function listen(arena: Arena, fd: number, backlog: number, act: string): void {
  checked(arena, act, "listen", () => arena.libc.calls.listen(fd, backlog));
}

/** Connects to a name. */
export function connect(arena: Arena, fd: number, path: string, act: string): void {
  const length = putName(arena, path);
  checked(arena, act, "connect", () => arena.libc.calls.connect(fd, arena.sendScratchAddress, length));
}

/** Takes the first client out of the backlog. Gives its descriptor and its name, or WOULD_BLOCK. */
export function accept(arena: Arena, fd: number): [fd: number, name: string | null] | typeof WOULD_BLOCK {
  const { libc, receiveScratchAddress, values, valuesAddress } = arena;
  for (;;) {
    values[0] = SOCKADDR_UN.size;
    const accepted = libc.calls.accept4(fd, receiveScratchAddress, valuesAddress, CONSTANTS.SOCK_CLOEXEC);
    if (accepted !== -1) return [accepted, takeName(arena)];
    const errno = libc.errno();
    if (errno === ERRNO.EAGAIN) return WOULD_BLOCK;
    if (errno !== ERRNO.EINTR && errno !== ERRNO.ECONNABORTED) throw new SocketError("Cannot accept", errno, "accept4");
  }
}

/** Takes the first client out of the backlog, as the raw layer has it. */
export function accept4(arena: Arena, fd: number, flags: number, act: string): number {
  const { calls } = arena.libc;
  return checked(arena, act, "accept4", () => calls.accept4(fd, 0, 0, flags | CONSTANTS.SOCK_CLOEXEC));
}

/** The name of a socket, or of its peer; null where it has none. */
export function nameOf(arena: Arena, fd: number, call: "getsockname" | "getpeername", act: string): string | null {
  const { libc, receiveScratch, receiveScratchAddress, values, valuesAddress } = arena;
  values[0] = SOCKADDR_UN.size;
  checked(arena, act, call, () => libc.calls[call](fd, receiveScratchAddress, valuesAddress));
  const family = receiveScratch[0]! | receiveScratch[1]! << 8;
  if (family === CONSTANTS.AF_UNIX) return takeName(arena);
  throw new TypeError(`${act}: its address family is ${family}, not AF_UNIX`);
}

/** Writes a path for the next call. Gives its address. */
function putPath({ sendScratch, sendScratchAddress }: Arena, path: string): number {
  const bytes = new TextEncoder().encode(path);
  sendScratch.set(bytes);
  sendScratch[bytes.byteLength] = 0;
  return sendScratchAddress;
}

/** What is at a path; undefined if nothing is, or that cannot be known. A symbolic link is what it is, and is not followed. */
export function statusOf(arena: Arena, path: string): FileStatus | undefined {
  const { libc, receiveScratch, receiveScratchAddress } = arena;
  const number = SYSTEM_CALLS[libc.arch]?.statx;
  if (number === undefined) return undefined;
  const { folder, flags, mask } = STATX_PATH;
  const result = libc.calls.syscall(number, folder, putPath(arena, path), flags, mask, receiveScratchAddress);
  if (result === -1) return undefined;
  const status = new DataView(receiveScratch.buffer, receiveScratch.byteOffset, STATX.size);
  const mode = status.getUint16(STATX.mode, true);
  const identity = `${status.getBigUint64(STATX.inode, true)} ${status.getBigUint64(STATX.device, true)}`;
  return { isSocket: (mode & STATX.kind) === STATX.socket, mode: mode & 0o7777, identity };
}

/** Sets which mode the file of a socket will be born with, less what the process's umask takes. */
export function setModeBefore(arena: Arena, fd: number, mode: number, act: string): void {
  checked(arena, act, "fchmod", () => arena.libc.calls.fchmod(fd, mode));
}

/** Sets the mode of a file. */
export function setMode(arena: Arena, path: string, mode: number, act: string): void {
  const address = putPath(arena, path);
  checked(arena, act, "chmod", () => arena.libc.calls.chmod(address, mode));
}

/** A path from the root on, which stays the same file's when the process changes its folder; as it is, if that cannot be known. */
export function absolute(arena: Arena, path: string): string {
  const { libc, receiveScratch, receiveScratchAddress } = arena;
  if (path.startsWith("/") || libc.calls.getcwd(receiveScratchAddress, PATH_MAX) === 0) return path;
  const folder = receiveScratch.slice(0, receiveScratch.indexOf(0));
  return `${new TextDecoder("utf-8", { ignoreBOM: true }).decode(folder)}/${path}`;
}

/** Takes a file away. */
export function unlink(arena: Arena, path: string, act: string): void {
  checked(arena, act, "unlink", () => arena.libc.calls.unlink(putPath(arena, path)));
}

/**
 * Does something while no other process that asks for it has the lock of a path's folder.
 *
 * @throws {SocketError} EACCES if the folder may not be read; EAGAIN if another process keeps the lock for two seconds
 */
export function withFolderLocked<Result>(arena: Arena, path: string, act: string, body: () => Result): Result {
  const { calls } = arena.libc;
  const address = putPath(arena, path.slice(0, path.lastIndexOf("/") + 1) || "./");
  const folder = checked(arena, act, "open", () => calls.open(address, O_CLOEXEC));
  try {
    for (let tries = 1; calls.flock(folder, LOCK_NOW) === -1; tries += 1) {
      const errno = arena.libc.errno();
      if (errno !== ERRNO.EINTR && (errno !== ERRNO.EAGAIN || tries === LOCK_TRIES)) {
        throw new SocketError(`${act}, whose folder cannot be locked`, errno, "flock");
      }
      calls.poll(0, 0, LOCK_PAUSE);
    }
    return body();
  } finally {
    close(arena, folder);
  }
}
