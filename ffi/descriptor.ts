import { type Ancillary, type Credentials, decodeAncillary, encodeAncillary } from "./ancillary.ts";
import { type Arena, arena, SCRATCH_SIZE } from "./arena.ts";
import { SocketError } from "./errors.ts";
import { type Readiness, readiness } from "./readiness.ts";
import * as syscalls from "./syscalls.ts";
import { disown, isOwned, own, wakePeer } from "./ownership.ts";
import { numberOfType, type SocketType, typeOfNumber } from "./socket_type.ts";
import { type Interest, Watched } from "./watched.ts";
import { CONSTANTS } from "./systems/linux.ts";

const { MSG_CTRUNC, SHUT_RD, SHUT_WR, SO_PASSCRED, SO_TIMESTAMP } = CONSTANTS;

/**
 * The sole owner of one descriptor.
 *
 * Every call on it runs on the JS thread from beginning to end, so none is ever under way while another closes it; and
 * after {@linkcode Descriptor.close} there is no number left to call with, so a new descriptor that gets the same number
 * is never touched.
 */
export class Descriptor {
  readonly type: SocketType;
  /** Whether the socket has other owners: then no direction is shut down, nothing thrown away, and no option set back. */
  shared = false;
  readonly #arena: Arena;
  readonly #readiness: Readiness;
  readonly #watched: Watched;
  /** Whether the socket is set up for receiving, and whether it is to tell credentials. */
  #prepared = false;
  #credentials = false;
  /** Reported by the kernel before what is still queued, and so kept until that is delivered. */
  #reset: SocketError | undefined;

  /** Takes ownership of `fd`. */
  private constructor(arena: Arena, fd: number, type: SocketType) {
    this.type = type;
    this.#arena = arena;
    this.#readiness = readiness(arena);
    this.#watched = new Watched(fd);
    own(this, arena, this.#watched);
  }

  /** Makes a pair of AF_UNIX sockets, known to each other so that they can wake each other without the kernel. */
  static pair(type: SocketType, protocol: number): [Descriptor, Descriptor] {
    const memory = arena();
    const [first, second] = syscalls.socketpair(memory, CONSTANTS.AF_UNIX, numberOfType(type), protocol);
    const left = new Descriptor(memory, first, type);
    const right = new Descriptor(memory, second, type);
    left.#watched.peer = right.#watched;
    right.#watched.peer = left.#watched;
    return [left, right];
  }

  /** Takes over a descriptor from elsewhere. It stays the caller's if it is refused. */
  static adopt(fd: number): Descriptor {
    if (!Number.isInteger(fd) || fd < 0 || fd >= 2 ** 31) {
      throw new TypeError(`Cannot adopt a descriptor: ${String(fd)} is not a descriptor number`);
    }
    if (isOwned(fd)) throw new TypeError(`Cannot adopt descriptor ${fd}: another end in this thread owns it`);
    const memory = arena();
    const domain = syscalls.getOption(memory, fd, CONSTANTS.SO_DOMAIN);
    if (domain !== CONSTANTS.AF_UNIX) {
      throw new TypeError(`Cannot adopt descriptor ${fd}: its address family is ${domain}, not AF_UNIX`);
    }
    const number = syscalls.getOption(memory, fd, CONSTANTS.SO_TYPE);
    const type = typeOfNumber(number);
    if (type === undefined) throw new TypeError(`Cannot adopt descriptor ${fd}: its socket type ${number} is unknown`);
    syscalls.setCloseOnExec(memory, fd);
    return new Descriptor(memory, fd, type);
  }

  /** The number, of which whoever has asked may make a duplicate; -1 once it is closed or released. */
  get fd(): number {
    const watched = this.#watched;
    if (watched.local && !watched.exposed) {
      watched.exposed = true;
      this.#readiness.unveil(watched);
      if (watched.peer !== undefined) this.#readiness.unveil(watched.peer);
    }
    return this.#fd;
  }

  /** Whether it is neither closed nor released. */
  get isOpen(): boolean {
    return this.#watched.local;
  }

  get #fd(): number {
    return this.#watched.local ? this.#watched.fd : -1;
  }

  get #peer(): Watched | undefined {
    return this.#watched.peer;
  }

  /** Where {@linkcode Descriptor.receive} has put what it received. */
  get scratch(): Uint8Array {
    return this.#arena.receiveScratch;
  }

  /**
   * Receives one record, or at most `limit` bytes of a stream, into the scratch. A length over the scratch's is that of
   * a record which was cut.
   *
   * @throws {SocketError} If the peer closed without reading everything, but only after all that it had sent
   */
  receive(limit: number = SCRATCH_SIZE): number {
    if (this.#watched.idle) return syscalls.WOULD_BLOCK;
    this.#prepare();
    let length: number;
    try {
      length = syscalls.receive(this.#arena, this.#fd, limit);
    } catch (error) {
      this.#deferReset(error);
      return this.receive(limit);
    }
    return this.#received(length, limit);
  }

  /** As {@linkcode Descriptor.receive}, but of a stream and straight into a view. */
  receiveInto(view: Uint8Array): number {
    if (this.#watched.idle) return syscalls.WOULD_BLOCK;
    let length: number;
    try {
      length = syscalls.receiveInto(this.#arena, this.#fd, view);
    } catch (error) {
      this.#deferReset(error);
      return this.receiveInto(view);
    }
    return this.#received(length, view.byteLength);
  }

  /** Sends one part: a whole record, or as much of a stream as the kernel takes. */
  send(part: Uint8Array): number {
    let sent: number;
    try {
      sent = syscalls.send(this.#arena, this.#fd, part);
    } catch (error) {
      this.#noteReset(error);
      throw error;
    }
    return this.#sent(sent);
  }

  /** Sends several parts as one, with what rides on them. */
  sendParts(parts: readonly Uint8Array[], ancillary?: Ancillary): number {
    let sent: number;
    try {
      const control = ancillary === undefined ? 0 : encodeAncillary(this.#arena, ancillary);
      sent = syscalls.sendParts(this.#arena, this.#fd, parts, control);
    } catch (error) {
      this.#noteReset(error);
      throw error;
    }
    return this.#sent(sent);
  }

  /** As {@linkcode Descriptor.receive}, with what rides on the record. The descriptors that came are the caller's. */
  receiveMessage(limit: number = SCRATCH_SIZE): { length: number; ancillary: Ancillary; truncated: boolean } {
    this.#prepare();
    let length: number;
    let control: number;
    try {
      [length, control] = syscalls.receiveWithControl(this.#arena, this.#fd, limit);
    } catch (error) {
      this.#deferReset(error);
      return this.receiveMessage(limit);
    }
    const truncated = length >= 0 && (this.#arena.receivedFlags() & MSG_CTRUNC) !== 0;
    const ancillary = decodeAncillary(this.#arena, control);
    return { length: this.#received(length, limit), ancillary, truncated };
  }

  /** Who is at the other end: of a pair, the process that made it. */
  peerCredentials(): Credentials {
    const [pid, uid, gid] = syscalls.getPeerCredentials(this.#arena, this.#fd);
    return { pid, uid, gid };
  }

  /** For how many microseconds a call is tried again before a wait goes to the kernel. */
  busyPoll(microseconds: number): void {
    this.#watched.readable.patience.budget = microseconds / 1000;
    this.#watched.writable.patience.budget = microseconds / 1000;
  }

  /** Reads an int option at SOL_SOCKET. */
  getOption(option: number): number {
    return syscalls.getOption(this.#arena, this.#fd, option);
  }

  /** Sets an int option at SOL_SOCKET. */
  setOption(option: number, value: number): void {
    syscalls.setOption(this.#arena, this.#fd, option, value);
  }

  /** Tries to receive a few times more, if that has paid lately: another end in this thread could not send meanwhile. */
  persist(attempt: () => boolean): boolean {
    if (this.#peer?.local === true) return false;
    return this.#watched.readable.patience.persist(attempt, this.#readiness.giveWay);
  }

  /** Calls back once when something can be received or the end has come. */
  waitReadable(callback: NonNullable<Interest["callback"]>): void {
    this.#watched.readable.callback = callback;
    this.#wait();
  }

  /** Calls back once when something can be sent or nobody will receive it. */
  waitWritable(callback: NonNullable<Interest["callback"]>): void {
    this.#watched.writable.callback = callback;
    this.#wait();
  }

  /** Takes back {@linkcode Descriptor.waitReadable}. */
  cancelReadable(): void {
    this.#cancel(this.#watched.readable);
  }

  /** Takes back {@linkcode Descriptor.waitWritable}. */
  cancelWritable(): void {
    this.#cancel(this.#watched.writable);
  }

  /** Whether waiting keeps the process alive. */
  keepAlive(alive: boolean): void {
    this.#watched.keepAlive = alive;
    if (this.#watched.local) this.#readiness.update(this.#watched);
  }

  /**
   * Receives no more. What has arrived is thrown away: a peer that is blocked because the queue is full would not
   * otherwise wake up and find out.
   */
  shutdownRead(): void {
    if (!this.#watched.local) return;
    this.cancelReadable();
    if (this.shared) return;
    this.#prepare();
    syscalls.shutdown(this.#arena, this.#fd, SHUT_RD);
    // ECONNRESET comes once, and before what had arrived.
    if (!this.#discard()) this.#discard();
    this.#wakePeersWriter();
  }

  /** Throws away what has arrived. False if that has failed. */
  #discard(): boolean {
    try {
      while (syscalls.receive(this.#arena, this.#fd, SCRATCH_SIZE) >= 0);
      return true;
    } catch {
      return false;
    }
  }

  /** Sends no more: the peer reads to the end, of which it is told by {@linkcode Descriptor.tellEnd}. */
  shutdownWrite(): void {
    if (!this.#watched.local) return;
    this.cancelWritable();
    if (this.shared) return;
    syscalls.shutdown(this.#arena, this.#fd, SHUT_WR);
    if (this.#peer !== undefined) this.#peer.over = true;
  }

  /** Wakes the peer after {@linkcode Descriptor.shutdownWrite}, unless it was closed since, which wakes it too. */
  tellEnd(): void {
    if (this.#watched.local) this.#wakePeersReader();
  }

  /** Closes the descriptor. Again: no effect. */
  close(): void {
    if (!this.#disown()) return;
    syscalls.close(this.#arena, this.#watched.fd);
    wakePeer(this.#readiness, this.#watched);
  }

  /** Gives the descriptor up as it was taken, without closing it. */
  release(): number {
    const { fd } = this;
    this.restore();
    this.#disown();
    return fd;
  }

  /** As {@linkcode Descriptor.release}, for an adoption that fails: what cannot be undone stays as it is. */
  refuse(): void {
    try {
      this.restore();
    } catch {
      // Why it fails is told already.
    }
    this.#disown();
  }

  /** Undoes what receiving has set, for another owner. If there is none after all, the next receipt sets it again. */
  restore(): void {
    if (this.#prepared && this.type !== "stream" && !this.shared) this.setOption(SO_TIMESTAMP, 0);
    if (this.#credentials && !this.shared) this.setOption(SO_PASSCRED, 0);
    this.#prepared = false;
  }

  /** Tells with each record who has sent it. */
  passCredentials(): void {
    this.#credentials = true;
    this.setOption(SO_PASSCRED, 1);
  }

  #disown(): boolean {
    if (!this.#watched.local) return false;
    this.#readiness.forget(this.#watched);
    this.#watched.local = false;
    disown(this, this.#watched);
    return true;
  }

  #sent(sent: number): number {
    if (sent >= 0) {
      if (this.#peer !== undefined && this.#peer.arrivals >= 0) this.#peer.arrivals += 1;
      this.#wakePeersReader();
    }
    return sent;
  }

  #received(received: number, limit: number): number {
    const watched = this.#watched;
    // On a stream, where nothing is empty, the end brings a control message too if there are credentials.
    let length = received === 0 && this.type === "stream" ? syscalls.END : received;
    // A blocking call would give 0 here.
    if (length === syscalls.WOULD_BLOCK && watched.hungUp && this.type === "dgram") length = syscalls.END;
    if (length === syscalls.WOULD_BLOCK) watched.foundNothing();
    else if (this.type !== "stream") watched.arrivals = Math.max(-1, watched.arrivals - 1);
    else watched.arrivals = length >= 0 && length < limit ? 0 : -1;
    if (length !== syscalls.WOULD_BLOCK) watched.doubted = false;
    if (length >= 0) this.#wakePeersWriter();
    if (length !== syscalls.END) return length;
    if (this.#reset !== undefined) throw this.#reset;
    return length;
  }

  /** Keeps ECONNRESET for the end of what is queued, and throws anything else. */
  #deferReset(error: unknown): void {
    if (!this.#noteReset(error)) throw error;
  }

  /** The kernel reports a reset once, to whichever direction asks first; the reader must learn of it all the same. */
  #noteReset(error: unknown): boolean {
    if (!(error instanceof SocketError) || error.code !== "ECONNRESET") return false;
    this.#reset ??= error;
    return true;
  }

  /**
   * SO_TIMESTAMP: see `receive` in syscalls.ts. Only at the first receipt, so that an end handed on unread is as it was born.
   */
  #prepare(): void {
    if (this.#prepared) return;
    this.#prepared = true;
    if (this.type !== "stream") this.setOption(SO_TIMESTAMP, 1);
    if (this.#credentials) this.setOption(SO_PASSCRED, 1);
  }

  #wait(): void {
    this.#readiness.wait(this.#watched);
  }

  #cancel(interest: Interest): void {
    if (interest.callback === undefined) return;
    interest.callback = undefined;
    interest.patience.forget();
    this.#readiness.update(this.#watched);
  }

  #wakePeersReader(): void {
    if (this.#peer !== undefined) this.#readiness.wake(this.#peer, this.#peer.readable);
  }

  #wakePeersWriter(): void {
    if (this.#peer !== undefined) this.#readiness.wake(this.#peer, this.#peer.writable);
  }
}
