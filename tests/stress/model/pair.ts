/**
 * The reference model of a pair. It does not foretell everything: how much the kernel takes at once is the kernel's
 * business. It knows what may happen and what must, and learns from what it is told has happened.
 */

import { SocketError } from "../../../mod.ts";
import { Direction, Violation, type Write, type WriteOf } from "./direction.ts";
import type { Mode } from "./program.ts";
import { type Owner, type Read, Side, type Sure } from "./side.ts";

/** Something whose promise says that what was written is sent, or that sending has ended. */
export interface Ending {
  readonly side: Side;
  readonly what: "close" | "closeWriter" | "closeWrite" | "abort" | "flush";
  /** How many writes come before it. */
  readonly index: number;
  /** Whether sending had ended before, in order. */
  readonly over: boolean;
}

/** Why a call is refused at once: with an error of this kind, or with this one. */
export type Refusal = Read["refusal"];

/** A pair. */
export class Pair {
  readonly sides: readonly [Side, Side];
  readonly mode: Mode;
  readonly endings: Set<Ending> = new Set();
  /** SO_SNDBUF of the end that sends. */
  readonly #sendBuffer: (side: Side) => number;

  constructor(mode: Mode, sendBuffer: (side: Side) => number) {
    this.mode = mode;
    this.#sendBuffer = sendBuffer;
    const ofBytes = mode.type === "stream" && mode.framing === undefined;
    const [there, back] = [new Direction(ofBytes), new Direction(ofBytes)];
    const ahead = mode.framing !== undefined;
    const hasEnd = mode.type !== "dgram";
    const sides: [Side, Side] = [
      new Side("left", there, back, ahead, hasEnd, () => sides[1]),
      new Side("right", back, there, ahead, hasEnd, () => sides[0]),
    ];
    this.sides = sides;
  }

  /** A chunk is written. A call that is refused goes no further; a stream fails with the chunk. */
  write(side: Side, { parts, flaw: wrong, call }: Pick<WriteOf, "parts" | "flaw" | "call">): Write {
    const bytes = parts.some((part) => part.byteLength > 0);
    // Nothing at all, and what is only gathered, never comes to the kernel.
    const asks = this.mode.framing === undefined && (bytes || this.mode.type !== "stream") && parts.length > 0;
    const refused = side.refuses(call);
    if (refused && !call) side.refusedLate = true;
    // What is accepted no more is refused whatever it is.
    const flaw = refused ? "none" : wrong;
    const doomed = wrong !== "none" || refused || (asks && side.refused === 2);
    const write = side.out.add({ owner: side.owner, parts, flaw, call, doomed, late: call && side.closing });
    if (flaw !== "none" && !call) {
      side.endSending(1);
      side.poisoned = side.faulted = true;
    }
    return write;
  }

  /**
   * What happens without a promise that tells it: frames that were gathered fail when they are sent; a read that was given up,
   * or that has not told yet, finds the end.
   */
  notice(): void {
    for (const side of [...this.sides, this.sides[0]]) {
      const unheard = (side.ghost || side.reads.size > 0) && side.receiveEnd < 2 && side.inwardEnded > 0;
      if (unheard && side.ghost) side.endReceiving("end", 1);
      if (unheard && (side.hungUp > 0 || (!this.mode.allowHalfOpen && !side.isLast))) {
        side.unsure = true;
        side.endSending(1);
      }
      if (this.mode.framing !== undefined || side.out.lingers) this.#noticeGathered(side);
    }
  }

  /** What was gathered, or is left of a call that was ended, may have failed. */
  #noticeGathered(side: Side): void {
    if (side.refused === 0 || side.sendEnd === 2 || side.out.writes.length === 0) return;
    side.owner.codes.add("EPIPE");
    if (side.peer.mayReset) side.owner.codes.add("ECONNRESET");
    side.faulted = true;
    if (side.sendEnd === 0) side.endSending(1);
  }

  /** The kernel, or what gathers for it, has a chunk. */
  taken(side: Side, write: Write): void {
    if (write.doomed) throw new Violation("a write succeeded that could not");
    const head = side.out.head(write.owner);
    // Calls and the writer do not tell at the same moment. What has not told yet is due.
    if (head !== write && !head?.call && !write.call) {
      throw new Violation("a write succeeded before an earlier one had settled");
    }
    const still = side.peer.reads.size === 0 && !side.peer.ahead && !side.peer.ghost && this.mode.framing === undefined;
    const before = side.out.ahead(write, false);
    if (still && write.bytes > 0 && before > this.#sendBuffer(side)) {
      throw new Violation(`a write succeeded although ${before} bytes before it are unread`);
    }
    write.state = "taken";
  }

  /** A call to write was refused before anything could be sent. */
  refusedAtOnce(write: Write): void {
    write.state = "void";
  }

  /** The signal of a call to write was aborted while it waited. */
  withdrawn(write: Write): void {
    const atomic = this.mode.type !== "stream" || write.read === write.total;
    write.state = atomic && write.read === 0 ? "void" : "either";
  }

  /** A chunk was refused. */
  refused(side: Side, write: Write, error: unknown): void {
    if (!this.#mayRefuse(side, write, error)) throw new Violation(`a write failed for no reason: ${error}`);
    if (write.total > 0 && write.read === write.total) throw new Violation("a write failed that had been read");
    if (write.flushed) throw new Violation("a write failed that flush() had told was sent");
    // A call that is refused for what it is leaves the direction as it was.
    const alone = write.call && write.flaw !== "none" && !(error instanceof SocketError);
    write.state = alone || write.doomed ? "void" : "cut";
    if (alone) return;
    // What is refused because the end is asked for does not change how it comes.
    if (!write.owner.left && !(error instanceof TypeError && write.flaw !== "junk")) side.faulted = true;
    write.owner.possible.add(error);
    // Linux throws away what had come from a peer of this type once a send finds it gone.
    if (error instanceof SocketError && error.code === "ECONNREFUSED") side.loseQueue();
    if (write.owner.left) {
      // It failed before the descriptor went on, with its sending direction ended.
      if (!(error instanceof TypeError) || write.flaw === "junk") side.shutWrite = Math.max(side.shutWrite, 1) as Sure;
      return;
    }
    if (side.sendEnd === 2) return;
    // Refused because the end was coming, and not for what it was.
    if (error instanceof TypeError && write.flaw !== "junk") return;
    if (side.closing && write.doomed && write.flaw === "none" && error instanceof SocketError) return;
    this.sendingFails(side, error);
  }

  /** The sending direction fails by itself. */
  sendingFails(side: Side, reason: unknown): void {
    side.faulted = true;
    side.owner.possible.add(reason);
    // If it had ended by itself before, in order, `closed` may have told so.
    if (!side.unsure) side.owner.failed = true;
    side.endSending(2);
  }

  #mayRefuse(side: Side, { flaw, owner }: Write, error: unknown): boolean {
    if (owner.possible.has(error)) return true;
    if (error instanceof SocketError) return this.mayFailWith(side, error);
    if (error instanceof TypeError) return flaw === "junk" || side.sendEnd > 0 || owner.left;
    return error instanceof RangeError && (flaw === "too much" || side.poisoned);
  }

  /** Whether the kernel may answer a send with this. */
  mayFailWith(side: Side, { code }: SocketError): boolean {
    const { peer } = side;
    if (code === "ECONNRESET") return peer.mayReset || side.owner.codes.has(code);
    if (this.mode.type !== "dgram") return code === "EPIPE" && side.refused > 0;
    if (code === "EPIPE") return side.shutWrite > 0 || peer.shutRead > 0;
    return (code === "ECONNREFUSED" || code === "ENOTCONN") && peer.gone > 0;
  }

  /** What ends the sending direction has settled, in order or with an error. */
  settled(ending: Ending, failure?: { readonly reason: unknown }): void {
    const { side, what } = ending;
    if (!this.endings.delete(ending) || side.owner.left) return;
    if (failure !== undefined) this.#endingFailed(ending, failure.reason);
    else if (what === "flush" || what === "closeWriter") this.#flushed(ending);
    if (what === "flush") return;
    if (what === "close") side.endReceiving("closed");
    side.endSending(2);
  }

  #endingFailed({ side, what, over }: Ending, reason: unknown): void {
    if (over || what === "closeWrite") throw new Violation(`${what} failed: ${reason}`);
    const known = side.owner.possible.has(reason) || side.poisoned ||
      (reason instanceof SocketError && this.mayFailWith(side, reason));
    // Sending was ended at once or by another call meanwhile, or has ended by itself.
    const ended = reason instanceof TypeError && (side.faulted || side.unsure || side.overtaken);
    if (!known && !ended) throw new Violation(`${what} failed for no reason: ${reason}`);
    if (known && side.sendEnd < 2) this.sendingFails(side, reason);
  }

  /** What was written before is with the kernel. */
  #flushed({ side, index }: Ending): void {
    for (const write of side.out.unread()) {
      if (write.index >= index) break;
      if (write.owner !== side.owner) continue;
      if (write.state === "taken" || (write.state === "pending" && !write.doomed)) write.flushed = true;
    }
  }

  /** The receiving direction is refused by its reader. */
  cancelled(side: Side): void {
    side.endReceiving("cancelled");
  }

  /** Nothing more is received than what has arrived. If that is nothing, receiving ends without a read that tells it. */
  closingRead(side: Side): void {
    if (side.receiveEnd === 2 || side.isLast) return;
    side.isLast = true;
    if (side.owners === "sole" && side.shutRead < 2) {
      side.shutRead = 2;
      side.keepsRest = true;
    }
    const waits = side.reads.size > 0 || side.ghost;
    if (!waits && this.mustCome(side).length > 0) return;
    side.endReceiving("end", waits || side.in.unread().length > 0 ? 1 : 2);
    if (side.hungUp === 0 || side.sendEnd === 2) return;
    side.owner.codes.add("EPIPE");
    if (side.peer.mayReset) side.owner.codes.add("ECONNRESET");
    side.unsure = side.faulted = true;
    side.endSending(1);
  }

  /** The end is to be closed when what was written is sent. */
  closing(side: Side): void {
    side.endReceiving("closed");
    if (side.sendEnd === 2) return;
    this.ending(side, "close");
  }

  /** What was accepted is sent, then sending ends. */
  ending(side: Side, what: Ending["what"]): Ending {
    const over = side.sendEnd === 2 && !side.faulted && !side.owner.failed && side.out.head() === undefined;
    const ending: Ending = { side, what, index: side.out.writes.length, over };
    this.endings.add(ending);
    if (what === "flush" || side.sendEnd === 2) return ending;
    side.byWriter = what === "closeWriter" && !side.closing;
    if (side.closing) side.overtaken = true;
    side.closing = true;
    side.endSending(1);
    return ending;
  }

  /** The end is closed at once, for a reason or none. */
  closed(side: Side, failure?: { readonly reason: unknown }): void {
    if (failure !== undefined) {
      side.owner.possible.add(failure.reason);
      // A read may have found the end without having told yet.
      const receives = side.receiveEnd === 0 && (side.reads.size === 0 || side.inwardEnded === 0);
      side.owner.failed ||= side.sendEnd === 0 || receives;
      if (receives) side.receiveError = failure;
      else if (side.receiveEnd < 2) side.unclear = true;
    }
    if (side.sendEnd < 2) side.faulted = true;
    side.endReceiving("closed");
    side.endSending(2);
  }

  /** The descriptor has another owner. */
  handOver(side: Side, owner: Owner): void {
    for (const ending of this.endings) if (ending.side === side) this.endings.delete(ending);
    side.handOver(owner);
  }

  /** Something was read. */
  received(side: Side, { dry, over, refusal, by, size }: Read, chunks: readonly Uint8Array[]): void {
    if (refusal !== undefined) throw new Violation("a read succeeded that had to be refused");
    if ((dry || over) && chunks.length > 0) {
      // Into an empty view nothing is read at any time, of bytes.
      if (by === "call" && size === 0 && !over && this.mode.type === "stream") return;
      if (chunks.some((chunk) => chunk.byteLength > 0)) throw new Violation("something was read that was refused");
      if (by === "call") throw new Violation("an empty record was read that was refused");
      return;
    }
    for (const chunk of chunks) side.in.accept(chunk);
  }

  /**
   * A read has come to the end.
   *
   * @param isOpen Whether the end has its descriptor still
   */
  ended(side: Side, { owner, over, refusal, hungUp }: Read, isOpen: boolean): void {
    if (owner.left) return;
    if (refusal !== undefined) throw new Violation("a read ended in order that had to fail");
    if (over || side.receiveEnd === 2) return;
    if (side.inwardEnded === 0 && !side.isLast) throw new Violation("a read ended although the peer had not");
    if (this.mustCome(side).length > 0) throw new Violation("a read ended before everything that was sent had come");
    side.endReceiving("end");
    if (isOpen) this.#staysOpen(side, hungUp);
    else this.#hangsUp(side);
  }

  #staysOpen(side: Side, hungUp: Sure): void {
    if (hungUp === 2) {
      throw new Violation("an end stays open although its reader has met the end of a peer that is gone");
    }
    if (!this.mode.allowHalfOpen) return side.isLast ? undefined : this.closing(side);
    if (!side.unsure || side.closing || side.poisoned) return;
    side.unsure = false;
    if (!side.faulted) side.sendEnd = 0;
  }

  /** A reader has met the end, and the end is closed. */
  #hangsUp(side: Side): void {
    const { owner, out } = side;
    if (this.mode.allowHalfOpen && side.hungUp === 0 && side.sendEnd === 0 && out.head() === undefined) {
      throw new Violation("an end was closed by its reader although the peer is not gone");
    }
    const waited = out.head() !== undefined || out.lingers || this.mode.framing !== undefined;
    if (waited) owner.codes.add("EPIPE");
    if (side.sendEnd < 2) side.faulted = true;
    if (side.peer.mayReset) owner.codes.add("ECONNRESET");
    if (side.peer.reset === 2 && side.sendEnd < 2 && !side.closing) owner.failed = true;
    side.unsure = true;
    side.endSending(2);
  }

  /** A read has failed. */
  failed(side: Side, read: Read, error: unknown): void {
    const { owner, released, least, refusal, over } = read;
    if (refusal !== undefined) {
      const right = typeof refusal === "function" ? error instanceof refusal : error === refusal.reason;
      if (!right) throw new Violation(`a read that had to be refused was, but with ${error}`);
      return;
    }
    if (over) throw new Violation(`a read failed that had to come to the end: ${error}`);
    if (read.signal?.aborted && error === read.signal.reason) return;
    if (error instanceof RangeError) return this.#tooLong(side, read, error);
    if (error instanceof TypeError && (owner.left || released)) return;
    const cut = this.mode.framing !== undefined && (side.peer.faulted || side.keepsRest) &&
      /the peer ended after/.test(String(error));
    if (!cut && !owner.possible.has(error)) throw new Violation(`a read failed for no reason: ${error}`);
    owner.possible.add(error);
    if (side.receiveEnd === 2 || owner.left) return;
    // What does not fill a read that wants more goes with it.
    const lost = this.mustCome(side).reduce((sum, write) => sum + side.in.left(write), 0);
    if (least > 1 ? lost >= least : this.mustCome(side).length > 0) {
      throw new Violation("a read failed before everything that was sent had come");
    }
    side.receiveError = { reason: error };
    side.owner.failed = true;
    side.endReceiving("closed");
  }

  /** A call was refused because the next record is longer than its buffer. The record stays, in user space now. */
  #tooLong(side: Side, { by, size }: Read, error: RangeError): void {
    const record = side.in.next().find(({ byteLength }) => byteLength > size);
    const fits = this.mode.type === "stream" && this.mode.framing === undefined;
    if (by !== "call" || fits || record === undefined) throw new Violation(`a read failed for no reason: ${error}`);
    const sizes = new RegExp(`${record.byteLength} bytes.* ${size} bytes`);
    if (!sizes.test(error.message)) throw new Violation(`a read was refused with wrong sizes: ${error}`);
    side.ahead = true;
  }

  /** What must still come to a reader. */
  mustCome(side: Side): Write[] {
    const { peer } = side;
    const flows = peer.sendEnd < 2 && !peer.faulted && !peer.endedBefore && side.shutRead === 0 && !side.isLast;
    const lost = this.mode.framing !== undefined && (peer.faulted || side.isLast || side.keepsRest);
    return side.in.unread().filter(({ state, doomed, late, flushed, read }) => {
      if (state === "taken") return flushed || !lost;
      return flows && !doomed && !late && (state === "pending" || (state === "either" && read > 0));
    });
  }

  /**
   * Whether there must be room for `bytes` more. A socket counts as writable again when a quarter of its buffer is in use;
   * a record costs more than its bytes.
   */
  hasRoom(side: Side, queued: number, write?: Write): boolean {
    const buffer = this.#sendBuffer(side);
    const cost = queued === 0 ? 0 : 2 * queued + 4096 * (side.out.unread().length + 1);
    const { bytes = 0, parts = [], first = false } = write ?? {};
    // One record goes whole as soon as there is any room.
    if (this.mode.type !== "stream" && parts.length <= 1) return 4 * cost <= buffer;
    const whole = this.mode.type === "stream" && first && bytes <= buffer / 2 - 64;
    return whole || 4 * (cost + 2 * bytes + 4096 * (parts.length + 1)) <= buffer;
  }
}
