import { Patience } from "./patience.ts";

/** 50 microseconds: what the kernel's documentation suggests for SO_BUSY_POLL. */
const BUSY_POLL = 0.05;

/** One direction of a descriptor, and who waits for it. */
export class Interest {
  /** Called once when a call is worth trying, or with why that cannot be known. */
  callback: ((failure?: { readonly reason: unknown }) => void) | undefined;
  readonly patience: Patience = new Patience(BUSY_POLL);

  /** Lets whoever waits try its call. Afterwards nobody waits, unless there was nothing yet. */
  try(failure?: { readonly reason: unknown }): void {
    const { callback } = this;
    this.callback = undefined;
    callback?.(failure);
  }
}

/** A descriptor that can be waited for, and who waits. Its owner makes one and keeps it. */
export class Watched {
  readonly fd: number;
  /** Whether its owner still has it: not once it is closed, or gone to another thread or process. */
  local = true;
  /** The other end, if it was made in this thread. */
  peer: Watched | undefined;
  /** Whether anybody else was told the number, and so may have a duplicate. */
  exposed = false;
  /**
   * How many sends of the other end, in this thread, have not been received: -1 if that is not known. With 0 the kernel need
   * not be asked, and whatever comes by another way it tells whoever waits.
   */
  arrivals = -1;
  /** Whether the kernel has said once that there is nothing. */
  doubted = false;
  /** Whether the other end, in this thread, sends no more. */
  over = false;
  /** Whether the kernel has said that nothing more will arrive. Datagram sockets say it in no other way. */
  hungUp = false;
  /** Whether waiting for it keeps the process alive. */
  keepAlive = true;
  /** For something to receive, or the end of the direction. */
  readonly readable: Interest = new Interest();
  /** For room to send, or the end of the direction. */
  readonly writable: Interest = new Interest();
  /** The number that names it to the poller: never the descriptor's own, which may be another's by the time of an event. */
  readonly id: number;
  /** Whether the poller looks at it at the end of this turn of the event loop. */
  deferred = false;
  /** Whether the kernel has been asked to tell. */
  parked = false;
  /** Whether it has waited, which keeps the poller open. */
  known = false;
  /** Whether the poller's epoll descriptor knows it. */
  registered = false;
  /** Whether the poller counts it among those that keep the process alive. */
  held = false;

  static #ids = 0;

  constructor(fd: number) {
    this.fd = fd;
    this.id = Watched.#ids = (Watched.#ids + 1) % 2 ** 32;
  }

  /** Whether all that can happen to it is done by this thread, which then tells whoever waits: the kernel need not. */
  get alone(): boolean {
    const { peer } = this;
    return peer !== undefined && peer.local && !peer.exposed && !this.exposed;
  }

  /** Whether it is known, without a call, that there is nothing to receive. */
  get idle(): boolean {
    return this.arrivals === 0 && !this.over && this.peer?.local === true;
  }

  /**
   * The kernel has said that there is nothing to receive. It has to say so twice: once it may be for reasons of its own, and a
   * count that began with it would be wrong for good.
   */
  foundNothing(): void {
    const twice = this.doubted && this.arrivals === -1;
    this.arrivals = twice ? 0 : -1;
    this.doubted = !twice;
  }

  /** Whether anybody waits. */
  get waits(): boolean {
    return this.readable.callback !== undefined || this.writable.callback !== undefined;
  }
}
