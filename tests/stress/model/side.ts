/** One end of a pair as it should be: the kernel's part, which outlives its owners, and the present owner's. */

import type { Direction } from "./direction.ts";

/** How sure it is that something has happened: no, maybe (it is under way), yes. */
export type Sure = 0 | 1 | 2;

/** A read that was asked for. */
export interface Read {
  readonly owner: Owner;
  /** By a reader of the stream or by a call. */
  readonly by: "stream" | "call";
  /** The most that a call takes, in bytes. */
  readonly size: number;
  /** What ends a call. */
  readonly signal: AbortSignal | undefined;
  /** The kind of error that it must fail with from the start, or the error itself. */
  readonly refusal: { readonly reason: unknown } | typeof TypeError | undefined;
  /** Whether it must come to the end: the direction had ended before. */
  readonly over: boolean;
  /** Whether everything had been thrown away before. */
  readonly dry: boolean;
  /** How sure it was that the peer was gone altogether. */
  readonly hungUp: Sure;
  /** The least that it waits for, in bytes; for records 1. */
  readonly least: number;
  /** Whether its reader has been given back. */
  released: boolean;
  /** Tells what has come of it, once it may be told. */
  outcome: (() => void) | undefined;
}

/** One object that owned the end: what its `closed` has to say. */
export class Owner {
  /** Errors with which `closed` may reject. */
  readonly possible: Set<unknown> = new Set();
  /** Codes of system errors with which it may reject although nothing else has told of them. */
  readonly codes: Set<string> = new Set();
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
  /** Kernel: it was closed with something unread, which the peer is told by ECONNRESET. */
  reset: Sure = 0;

  /** Who has the socket: this end alone; one that was told the number; other ends too. */
  owners: "sole" | "told" | "shared" = "sole";
  /** Received data may sit in user space, be it in the stream or with the one that takes frames apart. */
  ahead: boolean;
  /** The sending and the receiving direction of the present owner have ended. */
  sendEnd: Sure = 0;
  receiveEnd: Sure = 0;
  /** Why, as the stream tells it. */
  receiveError: { readonly reason: unknown } | undefined;
  /** Whether receiving has ended in order or with an error is not known: a reader met the end as the end was closed. */
  unclear = false;
  /** The owner receives no more than what had arrived when it said so. */
  isLast = false;
  /** Kernel: it was that owner who called shutdown(SHUT_RD), and what had arrived is still there. */
  keepsRest = false;
  /** The owner has asked for the end of sending: nothing more is accepted. */
  closing = false;
  /** It has asked by its writer alone: a call may still go before the end, where a write of the stream is under way. */
  byWriter = false;
  /** It has asked again in another way, which takes the stream away from its writer. */
  overtaken = false;
  /** A write is under way with which the direction fails: what is written behind it fails too. */
  poisoned = false;
  /** Whether the stream has refused a chunk that came behind a close: it has failed then, and tells nothing of an abort. */
  refusedLate = false;
  /** Sending may have ended by itself: a reader that nothing is known of may have met the end. */
  unsure = false;
  /** Sending has ended otherwise than by a close: what was gathered and not yet sent is lost. */
  faulted = false;
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

  /** Whether the descriptor is closed. */
  get gone(): Sure {
    return this.#gone;
  }

  /** Whether the peer may be told of a reset by now. */
  get mayReset(): boolean {
    return this.reset > 0 || (this.#gone === 1 && this.#leavesUnread() > 0);
  }

  /** Whether a reader here comes to an end because nothing more can be sent. */
  get inwardEnded(): Sure {
    return this.#hasEnd ? Math.max(this.shutRead, this.peer.shutWrite, this.peer.gone) as Sure : this.shutRead;
  }

  /** Whether what is sent here is refused. */
  get refused(): Sure {
    return Math.max(this.shutWrite, this.peer.shutRead, this.peer.gone) as Sure;
  }

  /** Whether both directions are over, as the kernel tells it (POLLHUP). */
  get hungUp(): Sure {
    return this.#hasEnd ? Math.min(this.inwardEnded, this.refused) as Sure : 0;
  }

  /** Whether a write is accepted no more: of the stream, or by a call. */
  refuses(call: boolean): boolean {
    return (this.closing && !(call && this.byWriter)) || this.poisoned || this.sendEnd === 2;
  }

  /** The sending direction has ended. Only the end of both tells the peer where others have the socket. */
  endSending(sure: Sure): void {
    this.sendEnd = Math.max(this.sendEnd, sure) as Sure;
    if (this.owners !== "shared" && this.receiveEnd < 2) this.shutWrite = Math.max(this.shutWrite, sure) as Sure;
    this.#close();
  }

  /** The receiving direction has ended. What refuses the rest throws it away, unless others may want it. */
  endReceiving(how: "end" | "cancelled" | "closed", sure: Sure = 2): void {
    if (this.receiveEnd === 2) return;
    if (how !== "end" && (this.owners === "sole" || (how === "cancelled" && this.owners === "told"))) {
      // What may have ended by closeRead() already is not refused again.
      const again: Sure = this.isLast && this.receiveEnd === 1 ? 1 : 2;
      this.shutRead = Math.max(this.shutRead, again) as Sure;
      this.in.discarded = true;
      this.keepsRest = false;
    }
    this.receiveEnd = sure;
    this.#close();
  }

  /** The kernel has thrown away what had come. What was received already is still there. */
  loseQueue(): void {
    if (!this.ahead) this.in.discarded = true;
    else for (const write of this.in.unread()) if (write.state === "taken") write.state = "either";
  }

  /** The kernel closes the descriptor, and no code of ours runs. */
  die(): void {
    this.owners = "told";
    this.receiveEnd = 2;
    this.sendEnd = 2;
    this.#close();
  }

  /** Another owner takes over. */
  handOver(owner: Owner): void {
    this.owner.left = true;
    this.owner = owner;
    this.sendEnd = this.receiveEnd = 0;
    this.receiveError = undefined;
    this.closing =
      this.poisoned =
      this.unsure =
      this.unclear =
      this.isLast =
        false;
    this.endedBefore = this.shutWrite > 0;
    this.#gone = this.reset = 0;
    if (this.owners === "told") this.owners = "sole";
    // A reset that was noted before is known to the earlier owner only.
    if (this.peer.reset === 2) this.peer.reset = 1;
  }

  #close(): void {
    const now = Math.min(this.sendEnd, this.receiveEnd) as Sure;
    if (now <= this.#gone) return;
    const reset = this.#leavesUnread();
    this.reset = now === 2 ? reset : 0;
    this.#gone = now;
  }

  /** Whether a close of the descriptor leaves something unread in the kernel. */
  #leavesUnread(): Sure {
    const unread = this.in.unread();
    if (!this.#hasEnd || unread.length === 0) return 0;
    // What failed may not be there. A single empty record does not count for the kernel.
    const taken = unread.some((write) => write.state === "taken" && this.in.left(write) > 0);
    return this.shutRead === 0 && taken && !this.ahead && this.reads.size === 0 && !this.ghost ? 2 : 1;
  }
}
