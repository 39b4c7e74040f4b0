import { type Block, type Libc, libc } from "./libc.ts";
import { setAddress, setVector } from "./iovec.ts";
import { Slots } from "./slots.ts";
import { epollEventLayout, IOVEC_SIZE, LIBC_CONTROL_MAX, MSGHDR, SYSTEM_CALLS } from "./systems/linux.ts";

/** Larger than the largest record that the kernel takes (4,263,616 bytes, measured). Untouched pages cost nothing. */
export const SCRATCH_SIZE = 8 * 1024 * 1024;
/** For SCM_RIGHTS with 253 descriptors (1,032 bytes), credentials (32) and a timestamp (32). */
export const CONTROL_SIZE = 2048;
/** The most events that one epoll_wait gives. */
export const EVENTS_MAX = 256;

/** Where things lie in the block, in bytes from its start. */
const LAYOUT = {
  receiveHeader: 0,
  sendHeader: 64,
  receiveIov: 128,
  values: 160,
  event: 192,
  control: 256,
  sendControl: 256 + CONTROL_SIZE,
  events: 8192,
  sendIov: 16384,
  receiveScratch: 65536,
  sendScratch: 65536 + SCRATCH_SIZE,
  size: 65536 + 2 * SCRATCH_SIZE,
} as const;

/** `recvmsg` or `sendmsg` with the arena's header. */
export type MessageCall = (fd: number, flags: number) => number;

/**
 * The one block of memory that the kernel reads and writes, with its JS views. One per thread, never freed.
 *
 * All 32-bit words are reached through {@linkcode Arena.words}, by byte offset divided by four.
 */
export class Arena {
  readonly libc: Libc = libc();
  readonly #block: Block = this.libc.allocate(LAYOUT.size);
  readonly words: Uint32Array = new Uint32Array(this.#block.buffer, 0, LAYOUT.receiveScratch / 4);
  /** Eight ints for the small values that a call reads or writes: socketpair's vector, an option and its length, a pollfd. */
  readonly values: Int32Array = new Int32Array(this.#block.buffer, LAYOUT.values, 8);
  readonly valuesAddress: number = this.#block.address + LAYOUT.values;
  /** Received bytes. */
  readonly receiveScratch: Uint8Array = new Uint8Array(this.#block.buffer, LAYOUT.receiveScratch, SCRATCH_SIZE);
  readonly receiveScratchAddress: number = this.#block.address + LAYOUT.receiveScratch;
  /** Received control messages, and those to be sent. */
  readonly control: DataView = new DataView(this.#block.buffer, LAYOUT.control, CONTROL_SIZE);
  readonly controlAddress: number = this.#block.address + LAYOUT.control;
  readonly sendControl: DataView = new DataView(this.#block.buffer, LAYOUT.sendControl, CONTROL_SIZE);
  readonly sendControlAddress: number = this.#block.address + LAYOUT.sendControl;
  /** Copies of bytes to be sent whose own address cannot be used. */
  readonly sendScratch: Uint8Array = new Uint8Array(this.#block.buffer, LAYOUT.sendScratch, SCRATCH_SIZE);
  readonly sendScratchAddress: number = this.#block.address + LAYOUT.sendScratch;
  /** The one event that epoll_ctl reads, and the array that epoll_wait fills. */
  readonly eventAddress: number = this.#block.address + LAYOUT.event;
  readonly eventsAddress: number = this.#block.address + LAYOUT.events;
  readonly #event = new DataView(this.#block.buffer, LAYOUT.event, 16);
  readonly #events = new DataView(this.#block.buffer, LAYOUT.events, EVENTS_MAX * 16);
  readonly #eventLayout = epollEventLayout(this.libc.arch);
  readonly recvmsg: MessageCall;
  readonly sendmsg: MessageCall;
  #slots: Slots | undefined;
  /** How many bytes of the scratch the receive header points at; -1 if it points elsewhere. */
  #limit = -1;

  constructor() {
    const { address } = this.#block;
    setAddress(this.words, LAYOUT.receiveHeader + MSGHDR.iov, address + LAYOUT.receiveIov);
    setVector(this.words, LAYOUT.receiveIov + IOVEC_SIZE, this.receiveScratchAddress, SCRATCH_SIZE);
    setAddress(this.words, LAYOUT.sendHeader + MSGHDR.iov, address + LAYOUT.sendIov);
    const { recvmsg, sendmsg } = this.libc.calls;
    this.recvmsg = (fd, flags) => recvmsg(fd, address + LAYOUT.receiveHeader, flags);
    this.sendmsg = (fd, flags) => sendmsg(fd, address + LAYOUT.sendHeader, flags);
  }

  /** Room for several records per call. Made when it is first needed. */
  get slots(): Slots {
    return this.#slots ??= new Slots(this.libc);
  }

  /** Points the receive header at `limit` bytes of the scratch. */
  receiveIntoScratch(limit: number): void {
    if (this.#limit === limit) return;
    this.receiveInto(this.receiveScratchAddress, limit, false);
    this.#limit = limit;
  }

  /**
   * Points the receive header at `length` bytes at `address`.
   *
   * @param spills Whether the rest goes into the scratch if it does not fit
   */
  receiveInto(address: number, length: number, spills: boolean): void {
    setVector(this.words, LAYOUT.receiveIov, address, length);
    this.words[(LAYOUT.receiveHeader + MSGHDR.iovlen) / 4] = spills ? 2 : 1;
    this.#limit = -1;
  }

  /** Gives the next recvmsg `size` bytes for control messages. Each call overwrites that with how many it has used. */
  receiveControl(size: number): void {
    this.#setControl(LAYOUT.receiveHeader, this.controlAddress, size);
  }

  /**
   * Ends {@linkcode Arena.receiveControl}. With no room for control messages, recvmsg reports one as MSG_CTRUNC.
   *
   * @returns How many bytes of control messages the last recvmsg gave
   */
  takeControl(): number {
    const length = this.words[(LAYOUT.receiveHeader + MSGHDR.controllen) / 4]!;
    this.#setControl(LAYOUT.receiveHeader, 0, 0);
    return length;
  }

  /** `msg_flags` of the last recvmsg. */
  receivedFlags(): number {
    return this.words[(LAYOUT.receiveHeader + MSGHDR.flags) / 4]!;
  }

  /** Entry `index` (below IOV_MAX) of the send header's vector. */
  sendVector(index: number, address: number, length: number): void {
    setVector(this.words, LAYOUT.sendIov + index * IOVEC_SIZE, address, length);
  }

  /** Makes entry `index` longer. */
  extendSendVector(index: number, length: number): void {
    this.words[(LAYOUT.sendIov + index * IOVEC_SIZE + 8) / 4]! += length;
  }

  /** How many entries of the vector (at most IOV_MAX) the next sendmsg reads. */
  sendVectorLength(count: number): void {
    this.words[(LAYOUT.sendHeader + MSGHDR.iovlen) / 4] = count;
  }

  /** sendmsg for a message with that many bytes of control messages. */
  sendmsgWith(controlLength: number): MessageCall {
    const number = SYSTEM_CALLS[this.libc.arch]?.sendmsg;
    if (controlLength <= LIBC_CONTROL_MAX || number === undefined) return this.sendmsg;
    const header = this.#block.address + LAYOUT.sendHeader;
    return (fd, flags) => this.libc.calls.syscall(number, fd, header, flags, 0, 0);
  }

  /** How many bytes of control messages the next sendmsg reads; 0 for none. */
  sendControlLength(size: number): void {
    this.#setControl(LAYOUT.sendHeader, size === 0 ? 0 : this.sendControlAddress, size);
  }

  /** Writes the event that epoll_ctl reads. */
  setEvent(events: number, id: number): void {
    const { data } = this.#eventLayout;
    this.#event.setUint32(0, events, true);
    this.#event.setUint32(data, id, true);
    this.#event.setUint32(data + 4, 0, true);
  }

  /** The id in entry `index` of the last epoll_wait. */
  eventName(index: number): number {
    return this.#events.getUint32(index * this.#eventLayout.size + this.#eventLayout.data, true);
  }

  /** The events in entry `index` of the last epoll_wait. */
  eventMask(index: number): number {
    return this.#events.getUint32(index * this.#eventLayout.size, true);
  }

  #setControl(header: number, address: number, size: number): void {
    setAddress(this.words, header + MSGHDR.control, address);
    this.words[(header + MSGHDR.controllen) / 4] = size;
    this.words[(header + MSGHDR.controllen) / 4 + 1] = 0;
  }
}

let current: Arena | undefined;

/** The arena of this thread. */
export function arena(): Arena {
  return current?.libc === libc() ? current : current = new Arena();
}
