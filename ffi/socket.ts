import {
  type Ancillary,
  type Credentials,
  decodeAncillary,
  encodeAncillary,
  type ReceivedAncillary,
} from "./ancillary.ts";
import { type Arena, arena, SCRATCH_SIZE } from "./arena.ts";
import { CALL, CHUNK, DESCRIPTOR, PART, spend } from "./budget.ts";
import { SocketError } from "./errors.ts";
import { OwnedDescriptor } from "./owned_descriptor.ts";
import { lendable } from "./outgoing.ts";
import { numberOfType, type SocketType } from "./socket_type.ts";
import * as syscalls from "./syscalls.ts";
import { CONSTANTS, ERRNO, LARGEST_RECORD, POLLHUP, POLLRDHUP, RECORD_OVERHEAD } from "./systems/linux.ts";
import { byteLengthOf } from "./views.ts";
import { Watch } from "./wait/watch.ts";

const { MSG_CTRUNC, SHUT_RD, SHUT_WR, SO_PASSCRED, SO_TIMESTAMP } = CONSTANTS;

/** 50 microseconds: what the kernel's documentation suggests for SO_BUSY_POLL. */
const BUSY_POLL = 50;

/** What the user of a socket chooses. */
export interface SocketOptions {
  /** Whether the socket has other owners from the beginning. */
  readonly shared?: boolean | undefined;
  /** Microseconds for which a receipt is tried again before the thread parks. */
  readonly busyPoll?: number | undefined;
  /** Called before the descriptor is closed here, and not when it is given up. */
  readonly onClose?: (() => void) | undefined;
}

/** What came with one message. */
export interface ReceivedParts {
  readonly length: number;
  readonly ancillary: ReceivedAncillary;
  /** Whether control messages were lost: this process could not open as many descriptors as came. */
  readonly truncated: boolean;
}

/**
 * The calls on one socket. None of them waits: each gives a number of bytes, WOULD_BLOCK or END.
 *
 * - Every call runs on the JS thread from beginning to end, so none is under way while another closes the socket.
 * - A reset (the peer closed without reading everything) is a failure of the sending direction, which
 *   {@linkcode Socket.reset} gives. Receiving goes on.
 */
export class Socket {
  readonly type: SocketType;
  /** What waits for it. */
  readonly watch: Watch;
  readonly #arena: Arena = arena();
  readonly #owned: OwnedDescriptor;
  readonly #onClose: (() => void) | undefined;
  /** Who may have the socket too: no other; another process, since the number was told; other ends, whose queue it is too. */
  #owners: "sole" | "told" | "shared";
  /** Whether the socket options that receiving needs are set. */
  #prepared = false;
  #isReset = false;

  /** Takes ownership of `fd`, which is close-on-exec. */
  constructor(fd: number, type: SocketType, options: SocketOptions) {
    this.type = type;
    this.#onClose = options.onClose;
    this.#owners = options.shared ? "shared" : "sole";
    this.watch = new Watch(this.#arena, fd, (options.busyPoll ?? BUSY_POLL) / 1000);
    this.#owned = new OwnedDescriptor(fd, this.watch);
  }

  /** Makes a pair of AF_UNIX sockets. */
  static pair(type: SocketType, protocol: number, options: SocketOptions): [Socket, Socket] {
    const [first, second] = syscalls.socketpair(arena(), CONSTANTS.AF_UNIX, numberOfType(type), protocol);
    const left = new Socket(first, type, options);
    const right = new Socket(second, type, options);
    Watch.pair(left.watch, right.watch);
    return [left, right];
  }

  /** Takes over a descriptor that `typeOfSocket()` has accepted. */
  static adopt(fd: number, type: SocketType, options: SocketOptions): Socket {
    syscalls.setCloseOnExec(arena(), fd);
    return new Socket(fd, type, options);
  }

  /** The number, for this module's own use; -1 once the socket is closed or given up. */
  get fd(): number {
    return this.#owned.fd;
  }

  /** Tells a user the number. The user may hand it on: from now on another process may have the socket. */
  exposeFd(): number {
    if (this.#owners === "sole") this.#owners = "told";
    return this.#owned.fd;
  }

  /** Whether no other end, thread or process can have the socket. */
  get isSole(): boolean {
    return this.#owners === "sole";
  }

  /** Whether other ends have the socket too. */
  get isShared(): boolean {
    return this.#owners === "shared";
  }

  /** Notes that another end has the socket from now on. */
  share(): void {
    this.#owners = "shared";
  }

  /** The error that says why a send failed. After a reset that is the reset: the kernel then says only EPIPE. */
  sendFailure(error: unknown): unknown {
    return this.#isReset && error instanceof SocketError && error.code === "EPIPE" ? this.peerGoneError() : error;
  }

  /** The error for what can no longer be sent because the peer is gone. */
  peerGoneError(): SocketError {
    return this.#isReset
      ? new SocketError("Cannot send", ERRNO.ECONNRESET, "recvmsg")
      : new SocketError("Cannot send", ERRNO.EPIPE, "sendmsg");
  }

  /** Whether the kernel has told that the peer closed without reading everything. */
  get isReset(): boolean {
    return this.#isReset;
  }

  /** Where {@linkcode Socket.receive} has put what it received. */
  get scratch(): Uint8Array {
    return this.#arena.receiveScratch;
  }

  /**
   * Receives one record, or at most `limit` bytes of a stream, into the scratch. If the length given is larger than the scratch,
   * the record was cut.
   */
  receive(limit: number = SCRATCH_SIZE): number {
    this.#prepare();
    const length = syscalls.receive(this.#arena, this.fd, limit);
    return length === syscalls.RESET ? this.#behindReset(() => this.receive(limit)) : this.#received(length);
  }

  /** Receives bytes of a stream into a view. */
  receiveInto(view: Uint8Array): number {
    const length = syscalls.receiveInto(this.#arena, this.fd, view, false);
    return length === syscalls.RESET ? this.#behindReset(() => this.receiveInto(view)) : this.#received(length);
  }

  /** Receives one record into a view. If it is longer than the view, {@linkcode Socket.copyOf} gives it whole. */
  receiveRecordInto(view: Uint8Array): number {
    this.#prepare();
    const length = syscalls.receiveInto(this.#arena, this.fd, view, true);
    return length === syscalls.RESET ? this.#behindReset(() => this.receiveRecordInto(view)) : this.#received(length);
  }

  /** A copy of the record of `length` bytes that did not fit into `view`. */
  copyOf(view: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
    const record = new Uint8Array(length);
    const room = byteLengthOf(view);
    const begin = lendable(view, room) ? room : 0;
    record.set(view.subarray(0, begin));
    record.set(this.scratch.subarray(0, length - begin), begin);
    return record;
  }

  /** Receives the records that there are, at most 32, into one buffer. */
  receiveMany(): Uint8Array<ArrayBuffer>[] | typeof syscalls.WOULD_BLOCK | typeof syscalls.END {
    this.#prepare();
    const result = syscalls.receiveMany(this.#arena, this.fd);
    if (result === syscalls.RESET) return this.#behindReset(() => this.receiveMany());
    const count = this.#received(result);
    if (count === syscalls.WOULD_BLOCK || count === syscalls.END) return count;
    const records = this.#arena.slots.take(count);
    spend(records[0]!.buffer.byteLength);
    return records;
  }

  /** Receives as {@linkcode Socket.receive} does, and what came with the record. The caller owns the descriptors that came. */
  receiveMessage(limit: number = SCRATCH_SIZE): ReceivedParts {
    this.#prepare();
    const [length, control] = syscalls.receiveWithControl(this.#arena, this.fd, limit);
    if (length === syscalls.RESET) return this.#behindReset(() => this.receiveMessage(limit));
    const truncated = length >= 0 && (this.#arena.receivedFlags() & MSG_CTRUNC) !== 0;
    const ancillary = decodeAncillary(this.#arena, control);
    for (const fd of ancillary.strays) syscalls.close(this.#arena, fd);
    spend(DESCRIPTOR * (ancillary.descriptors.length + ancillary.strays.length));
    return { length: this.#received(length), ancillary, truncated };
  }

  /** Sends one part: a whole record, or as much of a stream as the kernel takes. */
  send(part: Uint8Array): number {
    return counted(syscalls.send(this.#arena, this.fd, part));
  }

  /** Sends several parts as one, with descriptors and credentials. */
  sendParts(parts: readonly Uint8Array[], ancillary?: Ancillary): number {
    spend(PART * parts.length);
    const control = ancillary === undefined ? 0 : encodeAncillary(this.#arena, ancillary);
    return counted(syscalls.sendParts(this.#arena, this.fd, parts, control));
  }

  /** Sends records of one part each, from `begin` on, as many as fit into one call. Returns how many were sent. */
  sendMany(records: readonly Uint8Array[], begin: number): number {
    const count = syscalls.sendMany(this.#arena, this.fd, records, begin);
    for (let index = begin; index < begin + count; index += 1) spend(records[index]!.byteLength + CHUNK);
    return count;
  }

  /** The process at the other end. Of a pair, that is the process that made it. */
  peerCredentials(): Credentials {
    const [pid, uid, gid] = syscalls.getPeerCredentials(this.#arena, this.fd);
    return { pid, uid, gid };
  }

  /** From now on each message received tells who sent it. */
  passCredentials(): void {
    this.#setOption(SO_PASSCRED, 1);
  }

  /** Sets SO_SNDBUF and SO_RCVBUF, unless undefined. The kernel doubles and bounds both. */
  setBufferSizes(send: number | undefined, receive: number | undefined): void {
    if (send !== undefined) this.#setOption(CONSTANTS.SO_SNDBUF, send);
    if (receive !== undefined) this.#setOption(CONSTANTS.SO_RCVBUF, receive);
  }

  /**
   * Raises SO_SNDBUF so that a record of `size` bytes fits, as far as the system allows.
   *
   * @returns The most bytes in a record from now on
   */
  raiseRecordLimit(size: number): number {
    const needed = size + RECORD_OVERHEAD;
    const present = () => syscalls.getOption(this.#arena, this.fd, CONSTANTS.SO_SNDBUF);
    // The kernel doubles what it is given.
    if (present() < needed) this.#setOption(CONSTANTS.SO_SNDBUF, Math.min(Math.ceil(needed / 2), 2 ** 30));
    return Math.min(present() - RECORD_OVERHEAD, LARGEST_RECORD);
  }

  /** Whether both directions are over: the peer has closed its last descriptor, or both sides have shut down. */
  isHungUp(): boolean {
    return (syscalls.poll(this.#arena, this.fd, 0) & POLLHUP) !== 0;
  }

  /** Receives no more than what has arrived: the peer's sends fail. */
  shutdownRead(): void {
    syscalls.shutdown(this.#arena, this.fd, SHUT_RD);
  }

  /** Whether nothing has arrived that could be received: no bytes and no record, not even an empty one. */
  isEmpty(): boolean {
    this.#prepare();
    const length = syscalls.peek(this.#arena, this.fd);
    if (length === syscalls.RESET) return this.#behindReset(() => this.isEmpty());
    return length < 0 || (length === 0 && this.type === "stream");
  }

  /**
   * Throws away what has arrived, behind {@linkcode Socket.shutdownRead}. Otherwise a peer that waits for room would
   * never wake, and close() with a full queue would reset the peer.
   */
  throwAway(): void {
    // Nothing more can arrive, so this comes to an end.
    while (this.receive() >= 0);
  }

  /** Sends no more: the peer reads up to EOF. */
  shutdownWrite(): void {
    syscalls.shutdown(this.#arena, this.fd, SHUT_WR);
  }

  /** Closes the descriptor. Again: no effect. */
  close(): void {
    if (this.fd !== -1) this.#onClose?.();
    this.#owned.close();
  }

  /** Gives the descriptor up without closing it. {@linkcode Socket.restore} before it undoes what receiving has set. */
  detach(): number {
    return this.#owned.detach();
  }

  /** Undoes the socket option that receiving has set, for another owner. A later receipt sets it again. */
  restore(): void {
    if (this.isShared) return;
    const prepared = this.#prepared;
    // First, so that the next receipt sets it again even if this fails.
    this.#prepared = false;
    if (prepared && this.type !== "stream") this.#setOption(SO_TIMESTAMP, 0);
  }

  /** Undoes {@linkcode Socket.passCredentials}. What comes from now on until another owner asks for them has none. */
  dropCredentials(): void {
    if (!this.isShared) this.#setOption(SO_PASSCRED, 0);
  }

  #setOption(option: number, value: number): void {
    syscalls.setOption(this.#arena, this.fd, option, value);
  }

  /** Remembers a reset, and receives what lies behind it. */
  #behindReset<Received>(receive: () => Received): Received {
    this.#isReset = true;
    return receive();
  }

  /** The result of a receipt, with END where the kernel does not say so itself. */
  #received(length: number): number {
    if (length >= 0) spend(CALL + length);
    // A stream has no empty records: 0 is EOF, although with credentials a control message comes with it.
    if (length === 0 && this.type === "stream") return syscalls.END;
    if (length === syscalls.WOULD_BLOCK && this.type === "dgram" && this.isShutDown()) return syscalls.END;
    return length;
  }

  /** Whether it was shut down for receiving: of a datagram socket recvmsg with MSG_DONTWAIT says only EAGAIN, of a listener accept4. */
  isShutDown(): boolean {
    return (syscalls.poll(this.#arena, this.fd, POLLRDHUP) & POLLRDHUP) !== 0;
  }

  /**
   * Sets SO_TIMESTAMP (see `receive` in syscalls.ts). Only at the first receipt, so that a socket which is handed on unread is as
   * it was made.
   */
  #prepare(): void {
    if (this.#prepared) return;
    if (this.type !== "stream") this.#setOption(SO_TIMESTAMP, 1);
    this.#prepared = true;
  }
}

/** Counts what a call has moved. */
function counted(sent: number): number {
  if (sent >= 0) spend(CALL + sent);
  return sent;
}
