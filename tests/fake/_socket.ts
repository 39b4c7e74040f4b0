/** One AF_UNIX socket of a pair as Linux has it (net/unix/af_unix.c), in memory. */

import {
  CONSTANTS,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  ERRNO,
  RECORD_OVERHEAD,
} from "../../ffi/systems/linux.ts";
import type { FakeFile } from "./_kernel.ts";
import { costOf, END, type Packet, type Received } from "./_packet.ts";
import { joined } from "../_joined.ts";

const { SHUT_RD, SHUT_RDWR, SHUT_WR } = CONSTANTS;
const { SO_ACCEPTCONN, SO_DOMAIN, SO_ERROR, SO_PASSCRED, SO_RCVBUF, SO_SNDBUF, SO_TIMESTAMP, SO_TYPE } = CONSTANTS;
const { AF_UNIX, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } = CONSTANTS;

/** Calls return what the kernel's do: a number of at least 0, or an errno as a negative number. */
export class FakeSocket {
  readonly type: number;
  readonly queue: Packet[] = [];
  peer: FakeSocket | undefined;
  sendBuffer = 212_992;
  receiveBuffer = 212_992;
  dead = false;
  nonBlocking = false;
  /** How many messages under way hold it open. */
  inFlight = 0;
  /** Told only once, to the first call that asks. */
  error = 0;
  /** What its packets in the peer's queue cost. */
  charged = 0;
  readonly #bufferMax: number;
  readonly #changed: () => void;
  /** Lets go of what lay in a queue and was not received. */
  readonly #drop: (file: FakeFile) => void;
  #noMoreIn = false;
  #noMoreOut = false;
  #stamps = false;

  constructor(type: number, bufferMax: number, changed: () => void, drop: (file: FakeFile) => void) {
    this.#drop = drop;
    this.type = type;
    this.#bufferMax = bufferMax;
    this.#changed = changed;
  }

  send(bytes: Uint8Array, files: readonly FakeFile[] = []): number {
    const result = this.type === SOCK_STREAM ? this.#sendBytes(bytes, files) : this.#sendRecord(bytes, files);
    if (result >= 0) { for (const file of files) file.inFlight += 1; }
    this.#changed();
    return result;
  }

  receive(room: number = Infinity): Received | number {
    const result = this.type === SOCK_STREAM ? this.#receiveBytes(room) : this.#receiveRecord(room);
    this.#changed();
    return result;
  }

  shutdown(how: number): number {
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) return -ERRNO.EINVAL;
    this.#end(how !== SHUT_WR, how !== SHUT_RD);
    // A DGRAM peer is not told. It finds out when it sends.
    const { peer } = this;
    if (this.type !== SOCK_DGRAM && peer !== undefined) peer.#end(how !== SHUT_RD, how !== SHUT_WR);
    this.#changed();
    return 0;
  }

  close(): void {
    this.dead = true;
    if (this.peer !== undefined && this.type !== SOCK_DGRAM) {
      this.peer.#end(true, true);
      // One empty record at the head does not count as unread: Linux takes it for a consumed out-of-band byte.
      const head = this.queue[0]?.bytes.byteLength === 0 ? 1 : 0;
      if (this.queue.length > head) this.peer.error = ERRNO.ECONNRESET;
    }
    this.#purge();
    this.#changed();
  }

  getOption(option: number): number {
    if (option === SO_DOMAIN) return AF_UNIX;
    if (option === SO_TYPE) return this.type;
    if (option === SO_SNDBUF) return this.sendBuffer;
    if (option === SO_RCVBUF) return this.receiveBuffer;
    if (option === SO_ACCEPTCONN) return 0;
    return option === SO_ERROR ? this.takeError() : -ERRNO.ENOPROTOOPT;
  }

  setOption(option: number, value: number): number {
    if (option === SO_TIMESTAMP) this.#stamps = value !== 0;
    else if (option === SO_PASSCRED) return 0;
    else if (option === SO_SNDBUF) this.sendBuffer = Math.max(2 * Math.min(value, this.#bufferMax), 4608);
    else if (option === SO_RCVBUF) this.receiveBuffer = Math.max(2 * Math.min(value, this.#bufferMax), 2304);
    else return -ERRNO.ENOPROTOOPT;
    return 0;
  }

  /** What poll(2) says of it. Room counts only once three quarters of the buffer are free. */
  events(): number {
    return (this.error === 0 ? 0 : EPOLLERR) |
      (this.#noMoreIn ? EPOLLRDHUP | EPOLLIN : 0) |
      (this.#noMoreIn && this.#noMoreOut ? EPOLLHUP : 0) |
      (this.queue.length > 0 ? EPOLLIN : 0) |
      (this.charged * 4 <= this.sendBuffer ? EPOLLOUT : 0);
  }

  #sendBytes(bytes: Uint8Array, files: readonly FakeFile[]): number {
    if (this.#noMoreOut) return -ERRNO.EPIPE;
    let sent = 0;
    while (sent < bytes.byteLength) {
      if (this.charged >= this.sendBuffer) return sent > 0 ? sent : -ERRNO.EAGAIN;
      const size = Math.min(bytes.byteLength - sent, (this.sendBuffer >> 1) - 64, 36_544);
      this.#push(bytes.slice(sent, sent + size), sent === 0 ? files : [], 3776);
      sent += size;
    }
    return sent;
  }

  #sendRecord(bytes: Uint8Array, files: readonly FakeFile[]): number {
    const { peer } = this;
    if (this.type === SOCK_SEQPACKET && this.error !== 0) return -this.takeError();
    if (bytes.byteLength > this.sendBuffer - RECORD_OVERHEAD) return -ERRNO.EMSGSIZE;
    if (this.#noMoreOut) return -ERRNO.EPIPE;
    if (this.charged >= this.sendBuffer) return -ERRNO.EAGAIN;
    if (peer === undefined) return -ERRNO.ENOTCONN;
    if (peer.dead) {
      // Linux drops what has arrived when a DGRAM socket finds out that its peer is gone.
      this.peer = undefined;
      this.#purge();
      return -ERRNO.ECONNREFUSED;
    }
    if (peer.#noMoreIn) return -ERRNO.EPIPE;
    this.#push(bytes.slice(), files, 16_064);
    return bytes.byteLength;
  }

  #push(bytes: Uint8Array<ArrayBuffer>, files: readonly FakeFile[], headMax: number): void {
    const packet = { bytes, cost: costOf(bytes.byteLength, headMax), sender: this, files };
    this.charged += packet.cost;
    this.peer!.queue.push(packet);
  }

  #receiveBytes(room: number): Received | number {
    const pieces: Uint8Array[] = [];
    let length = 0;
    let files: readonly FakeFile[] = [];
    // The kernel stops behind what descriptors came with.
    while (length < room && this.queue.length > 0 && files.length === 0) {
      const packet = this.queue[0]!;
      const piece = packet.bytes.subarray(0, room - length);
      pieces.push(piece);
      length += piece.byteLength;
      files = packet.files;
      packet.files = [];
      packet.bytes = packet.bytes.subarray(piece.byteLength);
      if (packet.bytes.byteLength === 0) this.#discard();
    }
    if (length > 0) return { bytes: joined(pieces), length, stamped: false, files };
    if (this.error !== 0) return -this.takeError();
    return this.#noMoreIn ? END : -ERRNO.EAGAIN;
  }

  #receiveRecord(room: number): Received | number {
    if (this.error !== 0) return -this.takeError();
    if (this.queue.length > 0) {
      const { bytes, files } = this.#discard();
      return { bytes: bytes.subarray(0, room), length: bytes.byteLength, stamped: this.#stamps, files };
    }
    return this.#noMoreIn && this.type === SOCK_SEQPACKET ? END : -ERRNO.EAGAIN;
  }

  #discard(): Packet {
    const packet = this.queue.shift()!;
    packet.sender.charged -= packet.cost;
    return packet;
  }

  #purge(): void {
    while (this.queue.length > 0) this.#discard().files.forEach(this.#drop);
  }

  #end(incoming: boolean, outgoing: boolean): void {
    this.#noMoreIn ||= incoming;
    this.#noMoreOut ||= outgoing;
  }

  /** The error that waits to be told. It is told once. */
  takeError(): number {
    const { error } = this;
    this.error = 0;
    return error;
  }
}
