/**
 * Every system call of the product, one function per call. Above this file no code sees -1 or errno: a call gives a number
 * of bytes, {@linkcode WOULD_BLOCK}, {@linkcode END} or {@linkcode RESET}, or throws a `SocketError`. A call that a signal interrupts (EINTR) is
 * made again.
 *
 * @module
 */

import { type Arena, CONTROL_SIZE, EVENTS_MAX, type MessageCall, SCRATCH_SIZE } from "./arena.ts";
import { SocketError } from "./errors.ts";
import { gather, gatherMany, lendable, outgoing, outgoingLength } from "./outgoing.ts";
import {
  CONSTANTS,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLONESHOT,
  ERRNO,
  F_DUPFD_CLOEXEC,
  F_GETFL,
  F_SETFD,
  F_SETFL,
  FD_CLOEXEC,
  O_CLOEXEC,
  O_NONBLOCK,
} from "./systems/linux.ts";
import { byteLengthOf } from "./views.ts";

const { MSG_CMSG_CLOEXEC, MSG_CTRUNC, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK, MSG_TRUNC, SOL_SOCKET } = CONSTANTS;

/** Nothing could be done without waiting. */
export const WOULD_BLOCK = -1;
/** EOF: nothing will arrive any more. */
export const END = -2;
/** The peer closed without reading everything. The kernel says so once; what the peer had sent can still be received. */
export const RESET = -3;

/** MSG_TRUNC: recvmsg returns the true length of a record, also if the record did not fit. */
const RECEIVE_FLAGS = MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC;
const SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;

/** Makes a call again while a signal interrupts it. Throws if the call fails otherwise. */
export function checked(arena: Arena, act: string, syscall: string, call: () => number, descriptor?: string): number {
  for (;;) {
    const result = call();
    if (result !== -1) return result;
    const errno = arena.libc.errno();
    if (errno !== ERRNO.EINTR) throw new SocketError(act, errno, syscall, descriptor);
  }
}

/**
 * Receives into the arena's scratch: one record, or at most `limit` bytes of a stream. If the length is larger than the
 * scratch, the record was cut.
 *
 * An empty record and EOF both give 0. SO_TIMESTAMP tells them apart: a record brings a control
 * message, for which there is no room, and so MSG_CTRUNC; EOF brings none.
 */
export function receive(arena: Arena, fd: number, limit: number): number {
  arena.receiveIntoScratch(limit);
  return receiveMessage(arena, fd);
}

/**
 * Receives into a view, by way of the scratch where that costs less. Of a record that does not fit, the scratch then holds
 * the rest if the view is lendable, else the whole record.
 */
export function receiveInto(arena: Arena, fd: number, view: Uint8Array, isRecord: boolean): number {
  const room = byteLengthOf(view);
  if (lendable(view, room)) {
    arena.receiveInto(arena.libc.lend(view), room, isRecord);
    return receiveMessage(arena, fd);
  }
  const length = receive(arena, fd, isRecord ? SCRATCH_SIZE : Math.min(room, SCRATCH_SIZE));
  if (length > 0) view.set(arena.receiveScratch.subarray(0, Math.min(length, room)));
  return length;
}

function receiveMessage(arena: Arena, fd: number, flags: number = RECEIVE_FLAGS): number {
  for (;;) {
    const length = arena.recvmsg(fd, flags);
    if (length > 0) return length;
    if (length === 0) return (arena.receivedFlags() & MSG_CTRUNC) !== 0 ? 0 : END;
    const reason = notReceived(arena.libc.errno());
    if (reason !== undefined) return reason;
  }
}

/**
 * Receives with room for control messages, which are then in the arena. An empty record brings at least the one of
 * SO_TIMESTAMP.
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
    const reason = notReceived(errno);
    if (reason !== undefined) return [reason, 0];
  }
}

/** Looks at what would be received, and leaves it there. Gives 0 or more, WOULD_BLOCK, END or RESET. */
export function peek(arena: Arena, fd: number): number {
  arena.receiveIntoScratch(1);
  return receiveMessage(arena, fd, RECEIVE_FLAGS | MSG_PEEK);
}

/** Receives as many records as there are, at most as the arena has slots for. Gives their number, WOULD_BLOCK, END or RESET. */
export function receiveMany(arena: Arena, fd: number): number {
  const { slots } = arena;
  for (;;) {
    const count = slots.receive(fd, RECEIVE_FLAGS);
    if (count > 0) return slots.records(count) || END;
    const reason = notReceived(arena.libc.errno());
    if (reason !== undefined) return reason;
  }
}

/** What a receipt that failed gives; undefined if a signal interrupted it. */
function notReceived(errno: number): typeof WOULD_BLOCK | typeof RESET | undefined {
  if (errno === ERRNO.EAGAIN) return WOULD_BLOCK;
  if (errno === ERRNO.ECONNRESET) return RESET;
  if (errno !== ERRNO.EINTR) throw new SocketError("Cannot receive", errno, "recvmsg");
  return undefined;
}

/** Sends one part: a whole record, or as much of a stream as the kernel takes. */
export function send(arena: Arena, fd: number, part: Uint8Array): number {
  const length = byteLengthOf(part);
  const lends = lendable(part, length);
  arena.sendVector(0, outgoing(arena, part, lends, length), outgoingLength(lends, length));
  arena.sendVectorLength(1);
  for (;;) {
    const sent = arena.sendmsg(fd, SEND_FLAGS);
    if (sent >= 0) return sent;
    if (!interrupted(arena.libc.errno(), "sendmsg")) return WOULD_BLOCK;
  }
}

/** Sends several parts as one record, or as much as the kernel takes, with `controlLength` bytes of control messages. */
export function sendParts(arena: Arena, fd: number, parts: readonly Uint8Array[], controlLength: number): number {
  gather(arena, parts);
  if (controlLength === 0) return sendGathered(arena, fd, arena.sendmsg);
  arena.sendControlLength(controlLength);
  try {
    return sendGathered(arena, fd, arena.sendmsgWith(controlLength));
  } finally {
    arena.sendControlLength(0);
  }
}

function sendGathered(arena: Arena, fd: number, sendmsg: MessageCall): number {
  for (;;) {
    const sent = sendmsg(fd, SEND_FLAGS);
    if (sent >= 0) return sent;
    if (!interrupted(arena.libc.errno(), "sendmsg")) return WOULD_BLOCK;
  }
}

/**
 * Sends records of one part each, from `begin` on, as many as fit into one call. Gives how many were sent, WOULD_BLOCK, or 0
 * if the next record is too large for the scratch.
 */
export function sendMany(arena: Arena, fd: number, records: readonly Uint8Array[], begin: number): number {
  const count = gatherMany(arena, records, begin);
  while (count > 0) {
    const sent = arena.slots.send(fd, count, SEND_FLAGS);
    if (sent >= 0) return sent;
    if (!interrupted(arena.libc.errno(), "sendmmsg")) return WOULD_BLOCK;
  }
  return 0;
}

/** After a send that failed: true if a signal interrupted it, false if it would have to wait. */
function interrupted(errno: number, syscall: string): boolean {
  if (errno === ERRNO.EAGAIN) return false;
  if (errno === ERRNO.EINTR) return true;
  throw new SocketError("Cannot send", errno, syscall);
}

/** Makes a pair of descriptors, both SOCK_CLOEXEC: otherwise each child would keep both ends open. */
export function socketpair(arena: Arena, domain: number, type: number, protocol: number): [number, number] {
  const { libc, valuesAddress } = arena;
  const call = () => libc.calls.socketpair(domain, type | CONSTANTS.SOCK_CLOEXEC, protocol, valuesAddress);
  checked(arena, "Cannot create a socket pair", "socketpair", call);
  return [arena.values[0]!, arena.values[1]!];
}

/** Reads an option that is an int. */
export function getOption(
  arena: Arena,
  fd: number,
  option: number,
  level: number = SOL_SOCKET,
  ...told: Told | []
): number {
  readOption(arena, fd, level, option, 1, told[0] ?? "Cannot read a socket option", told[1]);
  return arena.values[0]!;
}

/** What an error tells: the act, and what it calls the descriptor. */
type Told = [act: string, descriptor?: string];

/** Reads an option of so many ints to the beginning of the arena's values. */
function readOption(arena: Arena, fd: number, level: number, option: number, words: number, ...told: Told): void {
  const { libc, values, valuesAddress } = arena;
  values[words] = words * 4;
  const length = valuesAddress + words * 4;
  const call = () => libc.calls.getsockopt(fd, level, option, valuesAddress, length);
  checked(arena, told[0], "getsockopt", call, told[1]);
}

/** SO_PEERCRED: `struct ucred { pid_t pid; uid_t uid; gid_t gid; }`. */
export function getPeerCredentials(arena: Arena, fd: number): [pid: number, uid: number, gid: number] {
  readOption(arena, fd, SOL_SOCKET, CONSTANTS.SO_PEERCRED, 3, "Cannot read the peer's credentials");
  const { values } = arena;
  return [values[0]!, values[1]! >>> 0, values[2]! >>> 0];
}

/** SO_COOKIE: a number of 64 bits, which no other socket has until the next boot. The same for every duplicate. */
export function getCookie(arena: Arena, fd: number, act: string): bigint {
  readOption(arena, fd, SOL_SOCKET, CONSTANTS.SO_COOKIE, 2, act);
  const [low, high] = arena.values as unknown as [number, number];
  return BigInt.asUintN(32, BigInt(high)) << 32n | BigInt.asUintN(32, BigInt(low));
}

/** Sets an option that is an int. */
export function setOption(arena: Arena, fd: number, option: number, value: number, level: number = SOL_SOCKET): void {
  const { libc, valuesAddress } = arena;
  arena.values[0] = value;
  const call = () => libc.calls.setsockopt(fd, level, option, valuesAddress, 4);
  checked(arena, "Cannot set a socket option", "setsockopt", call);
}

/** Ends one or both directions. */
export function shutdown(arena: Arena, fd: number, how: number, act: string = "Cannot shut a direction down"): void {
  checked(arena, act, "shutdown", () => arena.libc.calls.shutdown(fd, how));
}

/** Which of these events a descriptor has now, POLLHUP and POLLERR included. */
export function poll(arena: Arena, fd: number, events: number): number {
  const { libc, values, valuesAddress } = arena;
  // struct pollfd { int fd; short events; short revents; }
  values[0] = fd;
  values[1] = events;
  checked(arena, "Cannot look at the socket", "poll", () => libc.calls.poll(valuesAddress, 1, 0));
  return values[1]! >>> 16;
}

/** Keeps a descriptor from being inherited. */
export function setCloseOnExec(arena: Arena, fd: number): void {
  const call = () => arena.libc.calls.fcntl(fd, F_SETFD, FD_CLOEXEC);
  checked(arena, `Cannot adopt descriptor ${fd}`, "fcntl", call, "it");
}

/** Duplicates a descriptor, close-on-exec, to the lowest free number from `least` on. */
export function duplicate(arena: Arena, fd: number, least: number): number {
  const { calls } = arena.libc;
  return checked(arena, "Cannot duplicate the descriptor", "fcntl", () => calls.fcntl(fd, F_DUPFD_CLOEXEC, least));
}

/** Closes a descriptor. The call is never made again: on Linux the number is free whatever close(2) returns. */
export function close(arena: Arena, fd: number): void {
  arena.libc.calls.close(fd);
}

/** Lets another thread run that waits for this processor. Never fails. */
export function giveWay(arena: Arena): void {
  arena.libc.calls.sched_yield();
}

/** Makes an epoll descriptor. */
export function epollCreate(arena: Arena): number {
  const { calls } = arena.libc;
  return checked(arena, "Cannot wait for the socket", "epoll_create1", () => calls.epoll_create1(EPOLL_CLOEXEC));
}

/** Asks an epoll descriptor to report any of these events once, under an id of ours. */
export function epollControl(
  arena: Arena,
  epoll: number,
  known: boolean,
  fd: number,
  events: number,
  id: number,
): void {
  const { libc, eventAddress } = arena;
  arena.setEvent(events | EPOLLONESHOT, id);
  const operation = known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  const call = () => libc.calls.epoll_ctl(epoll, operation, fd, eventAddress);
  checked(arena, "Cannot wait for the socket", "epoll_ctl", call);
}

/** Makes an epoll descriptor forget another one. */
export function epollRemove(arena: Arena, epoll: number, fd: number): void {
  arena.libc.calls.epoll_ctl(epoll, EPOLL_CTL_DEL, fd, arena.eventAddress);
}

/** Takes out the events that have come, without waiting. */
export function epollWait(arena: Arena, epoll: number, each: (id: number, events: number) => void): void {
  const count = arena.libc.calls.epoll_wait(epoll, arena.eventsAddress, EVENTS_MAX, 0);
  for (let index = 0; index < count; index += 1) each(arena.eventName(index), arena.eventMask(index));
}

/** Makes a pipe, close-on-exec: while a child holds the writing side, the reader never sees EOF. */
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
