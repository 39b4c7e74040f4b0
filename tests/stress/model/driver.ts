/** Does the steps of a program to the real module, and tells the model what was done and what came of it. */

import { setTimeout as delay } from "node:timers/promises";
import { type AnyEnd, socketpair, type SocketPairOptions } from "../../../mod.ts";
import { close, getsockopt, SO_SNDBUF, SOL_SOCKET } from "../../../ffi/mod.ts";
import { Violation, type Write } from "./direction.ts";
import { Holder, MAX_FRAME, optionsOf } from "./holder.ts";
import { noise } from "./noise.ts";
import { type Ending, Pair } from "./pair.ts";
import type { Act, Mode, Step } from "./program.ts";
import { Owner, type Read, type Side } from "./side.ts";
import { joined } from "../../_joined.ts";

/** Over any limit of a record that the kernel has. */
const TOO_MUCH = 4_300_000;

/** A pair under test. */
export class Driver {
  readonly pair: Pair;
  /** What was done and what came of it, for whoever has to find out. */
  readonly history: string[] = [];
  /** Everything that ever owned an end. */
  readonly holders: Holder[];
  /** How many times something has settled. */
  events = 0;
  readonly #mode: Mode;
  readonly #current: [Holder, Holder];
  readonly #sent: number;
  #violation: Violation | undefined;
  #writes = 0;

  /** @param sent A descriptor that goes along with messages */
  constructor(mode: Mode, sent: number) {
    this.#mode = mode;
    this.#sent = sent;
    this.pair = new Pair(mode, (side) => {
      const { fd } = this.holder(side).end;
      return fd === -1 ? Infinity : getsockopt(fd, SOL_SOCKET, SO_SNDBUF);
    });
    const { type, sendBufferSize } = mode;
    const options: SocketPairOptions = { ...optionsOf(mode), type };
    const ends = socketpair(sendBufferSize === undefined ? options : { ...options, sendBufferSize });
    const [left, right] = this.pair.sides;
    this.#current = [new Holder(ends[0] as AnyEnd, left.owner), new Holder(ends[1] as AnyEnd, right.owner)];
    this.holders = [...this.#current];
  }

  /** Who has this end now. */
  holder(side: Side): Holder {
    return this.#current[this.pair.sides.indexOf(side) as 0 | 1];
  }

  /** Throws what was found wrong so far. */
  check(): void {
    if (this.#violation !== undefined) throw this.#violation;
  }

  /** Looks at what no promise tells: whether an end that was to be closed is closed. */
  observe(): void {
    this.pair.notice();
    for (const side of this.pair.sides) {
      if (this.holder(side).end.fd !== -1) continue;
      if (side.gone === 0) this.#violation ??= new Violation(`the descriptor of ${side.name} was closed too early`);
      side.endReceiving();
      side.endSending(2);
      for (const ending of this.pair.endings) {
        if (ending.side === side && ending.what === "close") this.pair.settled(ending);
      }
    }
  }

  /** Does one step. */
  async perform(step: Step): Promise<void> {
    const side = this.pair.sides[step.side];
    this.#log(side, step.do);
    this.pair.notice();
    if (step.do === "pause") return await delay(1);
    this.#act(side, step);
  }

  #act(side: Side, act: Act): void {
    const holder = this.holder(side);
    switch (act.do) {
      case "write":
        return this.#write(side, act.sizes, act.form);
      case "writeJunk":
        return this.#send(side, "junk", [], "junk");
      case "writeTooMuch":
        return this.#writeTooMuch(side);
      case "read":
      case "readByob":
        for (let count = 0; count < act.count; count += 1) this.read(side, act.do === "readByob", act.size, act.min);
        return;
      case "release":
        return this.#release(side);
      case "releaseWriter":
        return holder.releaseWriter();
      case "cancel":
        holder.cancel(new Error("cancelled")).catch(() => {});
        return this.pair.cancelled(side);
      case "abort":
        return this.#abort(side);
      case "closeWriter":
        return this.#end(side, "closeWriter", () => holder.writer.close());
      case "closeWrite":
        return this.#end(side, "closeWrite", () => holder.end.closeWrite());
      case "close":
        if (holder.end.fd !== -1) this.pair.closing(side);
        holder.end.close().catch(() => {});
        return;
      case "closeReason":
      case "signal": {
        const reason = new Error(act.do);
        if (holder.end.fd !== -1) this.pair.closed(side, { reason });
        if (act.do === "signal" && holder.controller !== undefined) holder.controller.abort(reason);
        else holder.end.close(reason).catch(() => {});
        return;
      }
      case "dispose":
        this.pair.closed(side);
        return holder.end[Symbol.dispose]();
      case "detach":
      case "transfer":
      case "die":
        // Nobody promises that what had been received ahead outlives a close that is under way.
        if (side.receiveEnd > 0 && side.ahead && side.shutRead < 2) return;
        return act.do === "die" ? this.#die(side) : this.#handOver(side, act.do);
      case "ref":
      case "unref":
        return holder.end[act.do]();
    }
  }

  #write(side: Side, sizes: readonly number[], form: "view" | "parts" | "shared"): void {
    const { chunk, type, framed } = this.#mode;
    const id = this.#writes += 1;
    const used = chunk === "batch" || form === "parts" ? sizes : sizes.slice(0, 1);
    const parts = used.map((size, index) => noise(size, id + index));
    const given = parts.map((part) => form === "shared" ? shared(part) : part.slice());
    const ofBytes = type === "stream" && !framed;
    const whole = ofBytes || chunk === "batch" ? parts : [joined(parts)];
    if (chunk === "message") {
      const empty = type === "stream" && parts.every((part) => part.byteLength === 0);
      const descriptors = sizes.length > 1 ? [this.#sent] : [];
      this.#send(side, { data: given, descriptors }, whole, empty ? "junk" : "none");
    } else {
      this.#send(side, chunk === "batch" || form === "parts" ? given : given[0], whole, "none");
    }
  }

  #writeTooMuch(side: Side): void {
    const { chunk, type, framed } = this.#mode;
    if (type === "stream" && !framed) return this.#write(side, [400_000], "view");
    const record = noise(framed ? MAX_FRAME + 1 : TOO_MUCH, 1);
    this.#send(side, chunk === "batch" ? [record] : chunk === "message" ? { data: record } : record, [], "too much");
  }

  #send(side: Side, chunk: unknown, parts: readonly Uint8Array[], flaw: Write["flaw"]): void {
    const write = this.pair.write(side, parts, flaw);
    this.holder(side).write(chunk).then(
      () => this.#tell(side, `wrote ${write.bytes}`, () => this.pair.taken(side, write)),
      (error) => this.#tell(side, `write failed: ${error}`, () => this.pair.refused(side, write, error)),
    );
  }

  /** Asks for one read. */
  read(side: Side, byob: boolean, size: number, min: number): void {
    const { chunk } = this.#mode;
    const holder = this.holder(side);
    const mayByob = this.#mode.type === "stream" && chunk === "bytes";
    const least = mayByob && byob ? Math.min(min, size) : 1;
    const promise = holder.read(mayByob && byob, side.reads.size === 0, size, least);
    const read: Read = {
      owner: side.owner,
      doomed: side.receiveError !== undefined,
      dry: side.shutRead === 2,
      released: false,
      least: holder.isByob ? least : 1,
    };
    side.reads.add(read);
    promise.then(
      ({ done, value }) =>
        this.#tell(side, done ? "read the end" : "read", () => {
          side.reads.delete(read);
          if (value !== undefined) this.pair.received(side, read, Holder.partsOf(this.#mode, value));
          if (done) this.pair.ended(side, read);
        }),
      (error) =>
        this.#tell(side, `read failed: ${error}`, () => {
          side.reads.delete(read);
          this.pair.failed(side, read, error);
        }),
    );
  }

  #release(side: Side): void {
    for (const read of side.reads) {
      read.released = true;
      side.ghost = side.ahead = true;
    }
    this.holder(side).releaseReader();
  }

  #abort(side: Side): void {
    const reason = new Error("aborted");
    const { owner } = side;
    const promise = this.holder(side).writer.abort(reason);
    if (side.sendEnd === 2) return void promise.catch(() => {});
    const certain = side.sendEnd === 0 && this.#mode.allowHalfOpen;
    const ending: Ending = { side, what: "abort" };
    this.pair.endings.add(ending);
    side.aborting = side.faulted = true;
    owner.possible.add(reason);
    side.endSending(1);
    const settled = () =>
      this.#tell(side, "aborted", () => {
        owner.failed ||= certain;
        this.pair.settled(ending);
      });
    promise.then(settled, settled);
  }

  #end(side: Side, what: "closeWriter" | "closeWrite", call: () => Promise<void>): void {
    const ending: Ending = { side, what };
    const first = side.sendEnd === 0;
    const promise = call();
    if (!first) return void promise.catch(() => {});
    this.pair.endings.add(ending);
    side.endSending(1);
    promise.then(
      () => this.#tell(side, `${what} done`, () => this.pair.settled(ending)),
      (reason) => this.#tell(side, `${what} failed: ${reason}`, () => this.pair.settled(ending, { reason })),
    );
  }

  #handOver(side: Side, by: "detach" | "transfer"): void {
    const old = this.holder(side);
    const mayFail = old.end.fd === -1 || this.#busy(side) ||
      (by === "transfer" && this.#mode.chunk === "message" && side.ahead);
    const owner = new Owner();
    let next: Holder;
    try {
      next = old.handOver(this.#mode, owner, by);
    } catch (error) {
      if (!mayFail || !(error instanceof TypeError)) throw new Violation(`${by} failed: ${error}`);
      return this.#log(side, `${by} refused: ${error.message}`);
    }
    this.pair.handOver(side, owner);
    this.holders.push(next);
    this.#current[this.pair.sides.indexOf(side)] = next;
  }

  #busy(side: Side): boolean {
    return this.#mode.framed || side.out.head() !== undefined ||
      [...this.pair.endings].some((ending) => ending.side === side);
  }

  /** As when a process dies: the kernel closes the descriptor, and no code of ours runs. */
  #die(side: Side): void {
    const { end } = this.holder(side);
    if (end.fd === -1) return;
    try {
      close(end.detach().fd);
    } catch (error) {
      if (!this.#busy(side)) throw new Violation(`detach failed: ${error}`);
      this.pair.closed(side);
      return end[Symbol.dispose]();
    }
    this.pair.handOver(side, side.owner);
    side.endReceiving();
    side.endSending(2);
  }

  #tell(side: Side, what: string, tell: () => void): void {
    this.events += 1;
    this.#log(side, what);
    if (this.#violation !== undefined) return;
    try {
      this.pair.notice();
      tell();
    } catch (error) {
      this.#violation = error as Violation;
    }
  }

  #log(side: Side, what: string): void {
    this.history.push(`${side.name}: ${what}`);
  }
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  copy.set(bytes);
  return copy;
}
