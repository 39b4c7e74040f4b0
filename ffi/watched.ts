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
  /**
   * How many sends of the other end, in this thread, have not been received: -1 if that is not known. With 0 the kernel need
   * not be asked, and whatever comes by another way it tells whoever waits.
   */
  arrivals = -1;
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
  /** Whether the poller's epoll descriptor knows it. */
  registered = false;
  /** Whether the poller counts it among those that keep the process alive. */
  held = false;

  static #ids = 0;

  constructor(fd: number) {
    this.fd = fd;
    this.id = Watched.#ids = (Watched.#ids + 1) % 2 ** 32;
  }

  /** Whether anybody waits. */
  get waits(): boolean {
    return this.readable.callback !== undefined || this.writable.callback !== undefined;
  }
}
