/**
 * The reference model of a pair. It does not foretell everything: how much the kernel takes at once is the kernel's
 * business. It knows what may happen and what must, and learns from what it is told has happened.
 */

import { SocketError } from "../../../mod.ts";
import { Direction, Violation, type Write } from "./direction.ts";
import type { Mode } from "./program.ts";
import { type Owner, type Read, Side, type Sure } from "./side.ts";

/** Closing the writable, or the end: something whose promise says that sending has ended. */
export interface Ending {
  readonly side: Side;
  readonly what: "close" | "closeWriter" | "closeWrite" | "abort";
}

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
    const ofBytes = mode.type === "stream" && !mode.framed;
    const [there, back] = [new Direction(ofBytes), new Direction(ofBytes)];
    const ahead = mode.framed || mode.ahead > 0;
    const hasEnd = mode.type !== "dgram";
    const sides: [Side, Side] = [
      new Side("left", there, back, ahead, hasEnd, () => sides[1]),
      new Side("right", back, there, ahead, hasEnd, () => sides[0]),
    ];
    this.sides = sides;
  }

  /** A chunk is written. */
  write(side: Side, parts: readonly Uint8Array[], flaw: Write["flaw"]): Write {
    const bytes = parts.some((part) => part.byteLength > 0);
    // Nothing at all, and what is only gathered, never comes to the kernel.
    const asks = !this.mode.framed && (bytes || this.mode.type !== "stream") && parts.length > 0;
    const doomed = flaw !== "none" || side.sendEnd === 2 || (asks && side.refused === 2);
    const write = side.out.add(side.owner, parts, flaw, doomed, side.sendEnd > 0);
    if (flaw !== "none") {
      if (side.sendEnd === 0) side.endSending(1);
      side.faulted = true;
    }
    return write;
  }

  /**
   * What happens without anybody being told: frames that were gathered fail when they are sent; a read that was given up
   * finds the end.
   */
  notice(): void {
    for (const side of [...this.sides, this.sides[0]]) {
      const unheard = side.ghost || (!this.mode.allowHalfOpen && side.reads.size > 0);
      if (unheard && side.receiveEnd === 0 && side.inwardEnded > 0) {
        side.endReceiving(1);
        if (!this.mode.allowHalfOpen) side.endSending(1);
      }
      if (!this.mode.framed || side.refused === 0 || side.sendEnd > 0 || side.out.writes.length === 0) continue;
      side.endSending(1);
      side.faulted = true;
    }
  }

  /** The kernel, or what gathers for it, has a chunk. */
  taken(side: Side, write: Write): void {
    if (write.doomed) throw new Violation("a write succeeded that could not");
    if (side.out.head(write.owner) !== write) {
      throw new Violation("a write succeeded before an earlier one had settled");
    }
    const still = side.peer.reads.size === 0 && !side.peer.ahead && !side.peer.ghost && !this.mode.framed;
    if (still && write.bytes > 0 && side.out.ahead(write) > this.#sendBuffer(side)) {
      throw new Violation(`a write succeeded although ${side.out.ahead(write)} bytes before it are unread`);
    }
    write.state = "taken";
  }

  /** A chunk was refused. */
  refused(side: Side, write: Write, error: unknown): void {
    if (!this.#mayRefuse(side, write, error)) throw new Violation(`a write failed for no reason: ${error}`);
    write.state = "refused";
    if (write.total > 0 && write.read === write.total) throw new Violation("a write failed that had been read");
    write.owner.possible.add(error);
    // Linux throws away what had come from a peer of this type once a send finds it gone.
    if (error instanceof SocketError && error.code === "ECONNREFUSED") side.in.discarded = true;
    if (write.late) side.faulted = true;
    if (write.owner.left) {
      // It failed before the descriptor went on, with its sending direction ended.
      if (!(error instanceof TypeError) || write.flaw === "junk") side.shutWrite = 2;
      return;
    }
    if (side.sendEnd === 2) return;
    // Refused because the end was coming, and not for what it was.
    if (write.late && error instanceof TypeError) return;
    if (side.sendEnd === 1 && error instanceof TypeError && write.flaw !== "junk") return;
    this.sendingFails(side, error);
  }

  /** The sending direction fails by itself. */
  sendingFails(side: Side, reason: unknown): void {
    side.faulted = true;
    side.owner.possible.add(reason);
    side.owner.failed = true;
    side.endSending(2);
  }

  #mayRefuse(side: Side, { flaw, owner }: Write, error: unknown): boolean {
    if (owner.possible.has(error)) return true;
    if (error instanceof SocketError) return this.mayFailWith(side, error);
    if (error instanceof TypeError) return flaw === "junk" || side.sendEnd > 0 || owner.left;
    return error instanceof RangeError && flaw === "too much";
  }

  /** Whether the kernel may answer a send with this. */
  mayFailWith(side: Side, { code }: SocketError): boolean {
    const { peer } = side;
    if (code === "ECONNRESET") return peer.mayReset;
    if (this.mode.type !== "dgram") return code === "EPIPE" && side.refused > 0;
    if (code === "EPIPE") return side.shutWrite > 0 || peer.shutRead > 0;
    return (code === "ECONNREFUSED" || code === "ENOTCONN") && peer.gone > 0;
  }

  /** What ends the sending direction has settled, in order or with an error. */
  settled(ending: Ending, failure?: { readonly reason: unknown }): void {
    const { side, what } = ending;
    if (!this.endings.delete(ending)) return;
    if (failure !== undefined && side.sendEnd < 2) {
      const { reason } = failure;
      const known = side.owner.possible.has(reason) ||
        (reason instanceof SocketError && this.mayFailWith(side, reason));
      // The end may have begun to close by itself.
      const closing = reason instanceof TypeError && !this.mode.allowHalfOpen;
      if (!known && !closing) throw new Violation(`${what} failed for no reason: ${reason}`);
      if (known) this.sendingFails(side, reason);
    }
    if (what === "close") side.endReceiving();
    side.endSending(2);
  }

  /** The receiving direction is refused by its reader. */
  cancelled(side: Side): void {
    if (side.receiveEnd === 2) return;
    side.shutRead = side.receiveEnd === 0 ? 2 : 1;
    side.in.discarded = true;
    side.endReceiving();
    if (!this.mode.allowHalfOpen) this.closing(side);
  }

  /** The end is to be closed when what was written is sent. */
  closing(side: Side): void {
    // While it waits for its peer to read, the peer must not wait for it: it is refused.
    if (side.sendEnd < 2 && (this.mode.framed || side.out.head() !== undefined)) {
      side.shutRead = Math.max(side.shutRead, 1) as Sure;
    }
    side.endReceiving();
    side.endSending(1);
    this.endings.add({ side, what: "close" });
  }

  /** The end is closed at once, for a reason or none. */
  closed(side: Side, failure?: { readonly reason: unknown }): void {
    if (failure !== undefined) {
      side.owner.possible.add(failure.reason);
      // A read may have found the end without having told yet.
      const receives = side.receiveEnd === 0 && (side.reads.size === 0 || side.inwardEnded === 0);
      side.owner.failed ||= side.sendEnd === 0 || receives;
      if (receives) side.receiveError = failure;
    }
    if (side.sendEnd < 2) side.faulted = true;
    // The one direction may close the other on its way out.
    if (!this.mode.allowHalfOpen) side.shutRead = Math.max(side.shutRead, 1) as Sure;
    side.endReceiving();
    side.endSending(2);
  }

  /** The descriptor has another owner. */
  handOver(side: Side, owner: Owner): void {
    for (const ending of this.endings) if (ending.side === side) this.endings.delete(ending);
    side.handOver(owner);
  }

  /** Something was read. */
  received(side: Side, { dry }: Read, chunks: readonly Uint8Array[]): void {
    if (dry && chunks.some((chunk) => chunk.byteLength > 0)) throw new Violation("something was read that was refused");
    for (const chunk of chunks) side.in.accept(chunk);
  }

  /** A read has come to the end. */
  ended(side: Side, { owner, doomed }: Read): void {
    if (owner.left) return;
    if (doomed) throw new Violation("a read ended in order after one that had failed");
    if (side.receiveEnd < 2) {
      if (side.inwardEnded === 0) throw new Violation("a read ended although the peer had not");
      if (this.mustCome(side).length > 0) throw new Violation("a read ended before everything that was sent had come");
      if (side.peer.reset === 2) throw new Violation("a read ended in order although the peer left something unread");
      side.endReceiving();
      if (!this.mode.allowHalfOpen) this.closing(side);
    }
  }

  /** A read has failed. */
  failed(side: Side, { owner, released, least }: Read, error: unknown): void {
    if (error instanceof TypeError && (owner.left || released)) return;
    const reset = error instanceof SocketError && error.code === "ECONNRESET" && side.peer.mayReset;
    const cut = this.mode.framed && side.peer.faulted && /the peer ended after/.test(String(error));
    if (!reset && !cut && !owner.possible.has(error)) throw new Violation(`a read failed for no reason: ${error}`);
    owner.possible.add(error);
    if (side.receiveEnd === 2 || owner.left) return;
    // What does not fill a read that wants more goes with it.
    const lost = this.mustCome(side).reduce((sum, write) => sum + side.in.left(write), 0);
    if (least > 1 ? lost >= least : this.mustCome(side).length > 0) {
      throw new Violation("a read failed before everything that was sent had come");
    }
    side.receiveError = { reason: error };
    side.owner.failed = true;
    side.endReceiving();
  }

  /** What must still come to a reader. */
  mustCome(side: Side): Write[] {
    const { peer } = side;
    if (this.mode.framed && peer.faulted) return [];
    const flows = peer.sendEnd < 2 && !peer.aborting && !peer.endedBefore && side.shutRead === 0;
    return side.in.unread().filter(({ state, late }) => state === "taken" || (state === "pending" && flows && !late));
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
