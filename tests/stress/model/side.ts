/** One end of a pair as it should be: the kernel's part, which outlives its owners, and the present owner's. */

import type { Direction } from "./direction.ts";

/** How sure it is that something has happened: no, maybe (it is under way), yes. */
export type Sure = 0 | 1 | 2;

/** A read that was asked for. */
export interface Read {
  readonly owner: Owner;
  /** Whether the stream had failed before. */
  readonly doomed: boolean;
  /** Whether everything had been thrown away before. */
  readonly dry: boolean;
  /** Whether its reader has been given back. */
  released: boolean;
  /** The least that it waits for, in bytes; for records 1. */
  readonly least: number;
}

/** One object that owned the end: what its `closed` has to say. */
export class Owner {
  /** Errors with which `closed` may reject. */
  readonly possible: Set<unknown> = new Set();
  /** Whether it must reject. */
  failed = false;
  /** Whether the descriptor went to another owner. */
  left = false;
}

/** One end. */
export class Side {
  readonly name: string;
  /** What is written here. */
  readonly out: Direction;
  /** What is read here. */
  readonly in: Direction;
  readonly #peer: () => Side;
  readonly #hasEnd: boolean;

  /** Kernel: shutdown(SHUT_WR) and shutdown(SHUT_RD) were called, the descriptor is closed. */
  shutWrite: Sure = 0;
  shutRead: Sure = 0;
  #gone: Sure = 0;
  /** Kernel: it was closed with something unread, which the peer's reader is told by ECONNRESET. */
  reset: Sure = 0;

  /** Received data may sit in user space, be it in the stream or with whoever takes frames apart. */
  ahead: boolean;
  /** The sending and the receiving direction of the present owner have ended. */
  sendEnd: Sure = 0;
  receiveEnd: Sure = 0;
  /** Why, as the stream tells it. */
  receiveError: { readonly reason: unknown } | undefined;
  /** Sending has ended otherwise than by a close: what was gathered and not yet sent is lost. */
  faulted = false;
  /** The writable is being aborted: what waits is not sent any more. */
  aborting = false;
  /** Whether an earlier owner had ended sending. */
  endedBefore = false;
  /** A read was given up that the stream may still carry out. */
  ghost = false;
  owner: Owner = new Owner();
  readonly reads: Set<Read> = new Set();

  constructor(name: string, out: Direction, inward: Direction, ahead: boolean, hasEnd: boolean, peer: () => Side) {
    this.name = name;
    this.out = out;
    this.in = inward;
    this.ahead = ahead;
    this.#hasEnd = hasEnd;
    this.#peer = peer;
  }

  get peer(): Side {
    return this.#peer();
  }

  /** Whether the descriptor is closed. Asking is what notices. */
  get gone(): Sure {
    const now = Math.min(this.sendEnd, this.receiveEnd) as Sure;
    if (now > this.#gone) {
      // While the close is under way a reader may come and find the end before it.
      const reset = this.#leavesUnread();
      this.reset = this.#gone + now === 2 ? reset : reset === this.reset ? Math.min(reset, 1) as Sure : 1;
      this.#gone = now;
    }
    return this.#gone;
  }

  /** Whether the peer may be told of a reset by now. */
  get mayReset(): boolean {
    return this.reset > 0 || (this.gone === 1 && this.#leavesUnread() > 0);
  }

  /** Whether a reader here comes to an end because nothing more can be sent. */
  get inwardEnded(): Sure {
    return this.#hasEnd ? Math.max(this.shutRead, this.peer.shutWrite, this.peer.gone) as Sure : this.shutRead;
  }

  /** Whether what is sent here is refused. */
  get refused(): Sure {
    return Math.max(this.shutWrite, this.peer.shutRead, this.peer.gone) as Sure;
  }

  /** The sending direction has ended. */
  endSending(sure: Sure): void {
    this.sendEnd = Math.max(this.sendEnd, sure) as Sure;
    this.shutWrite = Math.max(this.shutWrite, sure) as Sure;
    void this.gone;
  }

  /** The receiving direction has ended. */
  endReceiving(sure: Sure = 2): void {
    this.receiveEnd = Math.max(this.receiveEnd, sure) as Sure;
    void this.gone;
  }

  /** Another owner takes over. */
  handOver(owner: Owner): void {
    this.owner.left = true;
    this.owner = owner;
    this.sendEnd = this.receiveEnd = 0;
    this.receiveError = undefined;
    this.aborting = false;
    this.endedBefore = this.shutWrite > 0;
    this.#gone = this.reset = 0;
    // A reset that was noted before is known to the earlier owner only.
    if (this.peer.reset === 2) this.peer.reset = 1;
  }

  #leavesUnread(): Sure {
    const unread = this.in.unread();
    if (!this.#hasEnd || unread.length === 0) return 0;
    // What is refused may have been thrown away. A single empty record does not count for the kernel.
    const taken = unread.some((write) => write.state === "taken" && this.in.left(write) > 0);
    const inKernel = this.shutRead === 0 && taken && !this.ahead && this.reads.size === 0;
    // A reader that waits may find the end before the close comes.
    const { peer } = this;
    return inKernel && peer.reads.size === 0 && !peer.ghost ? 2 : 1;
  }
}
