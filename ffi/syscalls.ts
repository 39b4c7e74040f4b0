/**
 * The system calls of the stream layer, one function a call. Above this file nobody sees -1 or errno: a call gives a
 * number of bytes, {@linkcode WOULD_BLOCK} or {@linkcode END}, or throws a `SocketError`. EINTR is retried here.
 *
 * @module
 */

import { type Arena, CONTROL_SIZE, SCRATCH_SIZE } from "./arena.ts";
import { SocketError } from "./errors.ts";
import type { MessageCall } from "./symbols.ts";
import {
  CONSTANTS,
  ERRNO,
  F_GETFL,
  F_SETFD,
  F_SETFL,
  FD_CLOEXEC,
  IOV_MAX,
  O_CLOEXEC,
  O_NONBLOCK,
} from "./systems/linux.ts";

const { MSG_CMSG_CLOEXEC, MSG_CTRUNC, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_TRUNC, SOL_SOCKET } = CONSTANTS;

/** The call could not do anything without waiting. */
export const WOULD_BLOCK = -1;
/** Nothing will ever arrive any more. */
export const END = -2;

/** MSG_TRUNC: the true length of a record comes back, also of one that did not fit. */
const RECEIVE_FLAGS = MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC;
const SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;

/**
 * Copying this much costs less than having the runtime tell an address, and a small view has no lasting address at all
 * (the collector may move it).
 */
const COPY_MAX = 4096;

/** Runs a call again while a signal interrupts it, and throws what else goes wrong. */
export function checked(arena: Arena, act: string, syscall: string, call: () => number): number {
  for (;;) {
    const result = call();
    if (result !== -1) return result;
    const errno = arena.libc.errno();
    if (errno !== ERRNO.EINTR) throw new SocketError(act, errno, syscall);
  }
}

/** After -1 from a call that may not wait: true if a signal interrupted it, false if it would have to wait. */
function interrupted(errno: number, act: string, syscall: string): boolean {
  if (errno === ERRNO.EAGAIN) return false;
  if (errno === ERRNO.EINTR) return true;
  throw new SocketError(act, errno, syscall);
}

/**
 * Receives into the arena's scratch: one record, or at most `limit` bytes of a stream. A length over the scratch's size
 * is that of a record which was cut.
 *
 * An empty record and the end of the stream both give 0. SO_TIMESTAMP tells them apart: a record brings a control
 * message, for which there is no room, and so MSG_CTRUNC; the end brings none.
 */
export function receive(arena: Arena, fd: number, limit: number): number {
  arena.receiveIntoScratch(limit);
  return receiveMessage(arena, fd);
}

function receiveMessage(arena: Arena, fd: number): number {
  for (;;) {
    const length = arena.recvmsg(fd, RECEIVE_FLAGS);
    if (length > 0) return length;
    if (length === 0) return (arena.receivedFlags() & MSG_CTRUNC) !== 0 ? 0 : END;
    if (!interrupted(arena.libc.errno(), "Cannot receive", "recvmsg")) return WOULD_BLOCK;
  }
}

/**
 * As {@linkcode receive}, with room for control messages, which are then in the arena. An empty record brings at least the
 * one of SO_TIMESTAMP.
 *
 * @returns The length, and how many bytes of control messages came
 */
export function receiveWithControl(arena: Arena, fd: number, limit: number): [length: number, control: number] {
  arena.receiveIntoScratch(limit);
  for (;;) {
    arena.receiveControl(CONTROL_SIZE);
    const length = arena.recvmsg(fd, RECEIVE_FLAGS);
    const errno = length === -1 ? arena.libc.errno() : 0;
    const control = arena.takeControl();
    if (length > 0) return [length, control];
    if (length === 0) return [control > 0 ? 0 : END, control];
    if (!interrupted(errno, "Cannot receive", "recvmsg")) return [WOULD_BLOCK, 0];
  }
}

/** Receives bytes of a stream straight into a view, or by way of the scratch where that costs less. */
export function receiveInto(arena: Arena, fd: number, view: Uint8Array): number {
  if (lendable(view)) {
    arena.receiveInto(arena.libc.lend(view), view.byteLength);
    return receiveMessage(arena, fd);
  }
  const length = receive(arena, fd, Math.min(view.byteLength, SCRATCH_SIZE));
  if (length > 0) view.set(arena.receiveScratch.subarray(0, length));
  return length;
}

/** Sends one part: a whole record, or as much of a stream as the kernel takes. */
export function send(arena: Arena, fd: number, part: Uint8Array): number {
  if (lendable(part)) {
    arena.sendVector(0, arena.libc.lend(part), part.byteLength);
  } else {
    const length = Math.min(part.byteLength, SCRATCH_SIZE);
    if (length === part.byteLength) arena.sendScratch.set(part);
    else arena.sendScratch.set(part.subarray(0, length));
    arena.sendVector(0, arena.sendScratchAddress, length);
  }
  return sendVector(arena, fd, 1);
}

/**
 * Sends several parts with one call: as one record, or as much of them as the kernel takes. With them go `controlLength`
 * bytes of the arena's control messages.
 */
export function sendParts(arena: Arena, fd: number, parts: readonly Uint8Array[], controlLength: number): number {
  const count = gather(arena, parts);
  if (controlLength === 0) return sendVector(arena, fd, count);
  arena.sendControlLength(controlLength);
  try {
    return sendVector(arena, fd, count, arena.sendmsgWith(controlLength));
  } finally {
    arena.sendControlLength(0);
  }
}

/** Points the send header at several parts. Returns how many entries of its vector they take. */
export function gather(arena: Arena, parts: readonly Uint8Array[]): number {
  let copied = 0;
  let count = 0;
  let open = false;
  for (const part of parts) {
    if (part.byteLength === 0) continue;
    // Neighbours that are copied share an entry; past the vector's end everything is copied.
    if (lendable(part) && count < IOV_MAX - 1) {
      arena.sendVector(count++, arena.libc.lend(part), part.byteLength);
      open = false;
      continue;
    }
    const length = Math.min(part.byteLength, SCRATCH_SIZE - copied);
    arena.sendScratch.set(length === part.byteLength ? part : part.subarray(0, length), copied);
    if (open) arena.extendSendVector(count - 1, length);
    else arena.sendVector(count++, arena.sendScratchAddress + copied, length);
    copied += length;
    open = count === IOV_MAX || !lendable(part);
    if (length < part.byteLength) break;
  }
  // A message of nothing has an entry of nothing: QEMU (user mode) says that it sends one without any entry, and does not.
  if (count === 0) arena.sendVector(count++, arena.sendScratchAddress, 0);
  arena.sendVectorLength(count);
  return count;
}

function sendVector(arena: Arena, fd: number, count: number, sendmsg: MessageCall = arena.sendmsg): number {
  arena.sendVectorLength(count);
  for (;;) {
    const sent = sendmsg(fd, SEND_FLAGS);
    if (sent >= 0) return sent;
    if (!interrupted(arena.libc.errno(), "Cannot send", "sendmsg")) return WOULD_BLOCK;
  }
}

/** Whether the kernel may use the view's own memory: large, and of a kind that neither moves nor changes size. */
export function lendable(view: Uint8Array): boolean {
  if (view.byteLength <= COPY_MAX) return false;
  const { buffer } = view;
  return buffer instanceof ArrayBuffer && !buffer.resizable;
}

/** Makes a pair of descriptors, both SOCK_CLOEXEC: without it a child keeps the other end open for ever. */
export function socketpair(arena: Arena, domain: number, type: number, protocol: number): [number, number] {
  const { calls } = arena.libc;
  checked(
    arena,
    "Cannot create a socket pair",
    "socketpair",
    () => calls.socketpair(domain, type | CONSTANTS.SOCK_CLOEXEC, protocol, arena.valuesAddress),
  );
  return [arena.values[0]!, arena.values[1]!];
}

/** Reads an int option at SOL_SOCKET. */
export function getOption(arena: Arena, fd: number, option: number): number {
  const { calls } = arena.libc;
  arena.values[1] = 4;
  checked(
    arena,
    "Cannot read a socket option",
    "getsockopt",
    () => calls.getsockopt(fd, SOL_SOCKET, option, arena.valuesAddress, arena.valuesAddress + 4),
  );
  return arena.values[0]!;
}

/** SO_PEERCRED: `struct ucred { pid_t pid; uid_t uid; gid_t gid; }`. */
export function getPeerCredentials(arena: Arena, fd: number): [pid: number, uid: number, gid: number] {
  const { values, valuesAddress } = arena;
  values[3] = 12;
  checked(
    arena,
    "Cannot read the peer's credentials",
    "getsockopt",
    () => arena.libc.calls.getsockopt(fd, SOL_SOCKET, CONSTANTS.SO_PEERCRED, valuesAddress, valuesAddress + 12),
  );
  return [values[0]!, values[1]! >>> 0, values[2]! >>> 0];
}

/** Sets an int option at SOL_SOCKET. */
export function setOption(arena: Arena, fd: number, option: number, value: number): void {
  const { calls } = arena.libc;
  arena.values[0] = value;
  checked(
    arena,
    "Cannot set a socket option",
    "setsockopt",
    () => calls.setsockopt(fd, SOL_SOCKET, option, arena.valuesAddress, 4),
  );
}

/** Ends one or both directions. */
export function shutdown(arena: Arena, fd: number, how: number): void {
  checked(arena, "Cannot shut a direction down", "shutdown", () => arena.libc.calls.shutdown(fd, how));
}

/** Keeps a descriptor from being inherited. */
export function setCloseOnExec(arena: Arena, fd: number): void {
  checked(arena, "Cannot adopt the descriptor", "fcntl", () => arena.libc.calls.fcntl(fd, F_SETFD, FD_CLOEXEC));
}

/** Gives a descriptor back. Never retried: on Linux it is gone whatever close returns (close(2)). */
export function close(arena: Arena, fd: number): void {
  arena.libc.calls.close(fd);
}

// For child processes.

/** Makes a pipe, close-on-exec: a child that kept a writing end open would keep the reader from its end. */
export function pipe(arena: Arena): [read: number, write: number] {
  checked(arena, "Cannot create a pipe", "pipe2", () => arena.libc.calls.pipe2(arena.valuesAddress, O_CLOEXEC));
  return [arena.values[0]!, arena.values[1]!];
}

/** Takes O_NONBLOCK off, for every descriptor of the same open file. */
export function setBlocking(arena: Arena, fd: number): void {
  const { fcntl } = arena.libc.calls;
  const act = "Cannot make the descriptor block";
  const flags = checked(arena, act, "fcntl", () => fcntl(fd, F_GETFL, 0));
  if ((flags & O_NONBLOCK) !== 0) checked(arena, act, "fcntl", () => fcntl(fd, F_SETFL, flags & ~O_NONBLOCK));
}
