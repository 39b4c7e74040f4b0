/** The descriptors of the fake kernel, and epoll(7) over them. */

import {
  CONSTANTS,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLLERR,
  EPOLLHUP,
  EPOLLONESHOT,
  ERRNO,
} from "../../ffi/systems/linux.ts";
import { FakeSocket } from "./_socket.ts";

const EEXIST = 17;
const ENOENT = 2;

/** What was asked of an epoll descriptor for one other. */
interface Interest {
  events: number;
  data: [number, number];
  armed: boolean;
}

/** One epoll descriptor. */
export class FakeEpoll {
  inFlight = 0;
  nonBlocking = false;
  readonly interests = new Map<number, Interest>();
}

/** An eventfd(2), or what else has only a number. */
export class FakeCounter {
  inFlight = 0;
  nonBlocking = false;
  count = 0;
}

/** Belongs to another part of the process: the code under test may not touch it. */
export const STRANGER = new FakeCounter();

/** What a number stands for. */
export type FakeFile = FakeSocket | FakeEpoll | FakeCounter;

/** The table of descriptors. Numbers are given out lowest first, as POSIX wants it: a closed one is the next one's. */
export class FakeKernel {
  /** High: no call that strays to the real kernel meets anything there. Of its own: nor does one to another fake. */
  static #bases = 4000;
  readonly #base: number = FakeKernel.#bases += 1000;
  readonly #files = new Map<number, FakeFile>();
  readonly #bufferMax: number;
  /** Called whenever something may have become ready. */
  changed: () => void = () => {};

  constructor(bufferMax: number) {
    this.#bufferMax = bufferMax;
  }

  /** A pair of sockets without numbers. */
  sockets(type: number): [FakeSocket, FakeSocket] {
    const changed = () => this.changed();
    const left = new FakeSocket(type, this.#bufferMax, changed, this.drop);
    const right = new FakeSocket(type, this.#bufferMax, changed, this.drop);
    left.peer = right;
    right.peer = left;
    return [left, right];
  }

  /** Gives a file the lowest free number. */
  open(file: FakeFile): number {
    let fd = this.#base;
    while (this.#files.has(fd)) fd += 1;
    this.#files.set(fd, file);
    return fd;
  }

  file(fd: number): FakeFile | undefined {
    return this.#files.get(fd);
  }

  /** Frees a number. Returns whether an epoll descriptor still knew it. */
  close(fd: number): boolean {
    const file = this.#files.get(fd);
    this.#files.delete(fd);
    if (file !== undefined) this.#closeLast(file);
    let known = false;
    for (const other of this.#files.values()) {
      if (other instanceof FakeEpoll) known = other.interests.delete(fd) || known;
    }
    return known;
  }

  /** Lets go of a file that was sent and will not be received. */
  readonly drop = (file: FakeFile): void => {
    file.inFlight -= 1;
    this.#closeLast(file);
  };

  /** Gives a file that was sent a number here. */
  install(file: FakeFile): number {
    file.inFlight -= 1;
    return this.open(file);
  }

  #closeLast(file: FakeFile): void {
    const isOpen = file.inFlight > 0 || [...this.#files.values()].includes(file);
    if (file instanceof FakeSocket && !isOpen) file.close();
  }

  /** The numbers that the code under test has open, with what they are. */
  openFiles(): string[] {
    return [...this.#files].filter(([, file]) => file !== STRANGER).map(([fd, file]) =>
      `${fd} ${file.constructor.name}`
    );
  }

  socketpair(domain: number, type: number, protocol: number): [number, number] | number {
    if (domain === CONSTANTS.AF_INET || domain === CONSTANTS.AF_INET6) return -ERRNO.EOPNOTSUPP;
    if (domain !== CONSTANTS.AF_UNIX) return -ERRNO.EAFNOSUPPORT;
    if (protocol !== 0 && protocol !== CONSTANTS.AF_UNIX) return -ERRNO.EPROTONOSUPPORT;
    const kind = type & 0xf;
    if (kind !== CONSTANTS.SOCK_STREAM && kind !== CONSTANTS.SOCK_DGRAM && kind !== CONSTANTS.SOCK_SEQPACKET) {
      return -ERRNO.EINVAL;
    }
    const [left, right] = this.sockets(kind);
    return [this.open(left), this.open(right)];
  }

  control(epoll: FakeEpoll, operation: number, fd: number, events: number, data: [number, number]): number {
    const known = epoll.interests.get(fd);
    if (operation === EPOLL_CTL_ADD ? known !== undefined : known === undefined) {
      return operation === EPOLL_CTL_ADD ? -EEXIST : -ENOENT;
    }
    if (operation === EPOLL_CTL_DEL) epoll.interests.delete(fd);
    else epoll.interests.set(fd, { events, data, armed: true });
    this.changed();
    return 0;
  }

  /** Whether the epoll descriptor is itself readable. */
  ready(fd: number): boolean {
    const epoll = this.#files.get(fd);
    return epoll instanceof FakeEpoll && this.#pending(epoll).length > 0;
  }

  /** Takes out what is ready: each with its events and its data. */
  wait(epoll: FakeEpoll, max: number): { events: number; data: [number, number] }[] {
    const taken = this.#pending(epoll).slice(0, max);
    for (const { interest } of taken) {
      if ((interest.events & EPOLLONESHOT) !== 0) interest.armed = false;
    }
    return taken.map(({ events, interest }) => ({ events, data: interest.data }));
  }

  #pending(epoll: FakeEpoll): { events: number; interest: Interest }[] {
    const pending: { events: number; interest: Interest }[] = [];
    for (const [fd, interest] of epoll.interests) {
      const file = this.#files.get(fd);
      if (!interest.armed || !(file instanceof FakeSocket)) continue;
      const events = file.events() & (interest.events | EPOLLERR | EPOLLHUP);
      if (events !== 0) pending.push({ events, interest });
    }
    return pending;
  }
}
