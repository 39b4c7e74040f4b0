/** Does the steps of a program to the real module, and tells the model what was done and what came of it. */

import { setTimeout as delay } from "node:timers/promises";
import { socketpair, type SocketPairOptions } from "../../../mod.ts";
import { close, getsockopt, SO_SNDBUF, SOL_SOCKET } from "../../../ffi/mod.ts";
import { Violation, type Write } from "./direction.ts";
import { Holder, maxFrame, optionsOf, type TestedEnd } from "./holder.ts";
import { noise } from "./noise.ts";
import { type Ending, Pair } from "./pair.ts";
import type { Act, Mode, Signal, Step } from "./program.ts";
import { Owner, type Read, type Side, type Sure } from "./side.ts";
import { joined } from "../../_joined.ts";

/** Over any limit of a record that the kernel has. */
const TOO_MUCH = 4_300_000;
/** What stands in the memory of a call that has ended, and must go on standing there. */
const RETIRED = 0xaa;
/** How many numbers for noise a write uses up at most. */
const PARTS_MAX = 8;

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A pair under test. */
export class Driver {
  readonly pair: Pair;
  /** What was done and what came of it, for a reader who has to find out. */
  readonly history: string[] = [];
  /** Everything that ever owned an end. */
  readonly holders: Holder[];
  /** How many times something has settled. */
  events = 0;
  readonly #mode: Mode;
  readonly #current: [Holder, Holder];
  readonly #sent: number;
  readonly #signals: [AbortController[], AbortController[]] = [[], []];
  readonly #retired: Uint8Array[] = [];
  #violation: Violation | undefined;
  #writes = 0;

  /** @param sent A descriptor that goes along with messages */
  constructor(mode: Mode, sent: number) {
    this.#mode = mode;
    this.#sent = sent;
    this.pair = new Pair(mode, (side) => {
      const fd = this.holder(side).number;
      return fd === -1 ? Infinity : getsockopt(fd, SOL_SOCKET, SO_SNDBUF);
    });
    const { type, sendBufferSize } = mode;
    const options: SocketPairOptions = { ...optionsOf(mode), type, sendBufferSize };
    const [first, second] = socketpair(options);
    const [left, right] = this.pair.sides;
    this.#current = [new Holder(first as TestedEnd, left.owner), new Holder(second as TestedEnd, right.owner)];
    this.holders = [...this.#current];
  }

  /** Who has this end now. */
  holder(side: Side): Holder {
    return this.#current[this.#index(side)];
  }

  #index(side: Side): 0 | 1 {
    return this.pair.sides.indexOf(side) as 0 | 1;
  }

  /** Whether `peerClosed` of this end has to tell that the peer is gone. */
  awaitsPeer(side: Side): boolean {
    const { isOpen, peerClosed } = this.holder(side);
    return isOpen && peerClosed === "asked";
  }

  /** Throws what was found wrong so far. */
  check(): void {
    if (this.#violation !== undefined) throw this.#violation;
  }

  /** Looks whether the memory of calls that have ended is as they left it. */
  checkRetired(): void {
    for (const view of this.#retired) {
      if (view.some((byte) => byte !== RETIRED)) throw new Violation("memory was written to after its call had ended");
    }
  }

  /** Looks at what no promise tells: whether an end that was to be closed is closed. */
  observe(): void {
    this.pair.notice();
    for (const side of this.pair.sides) {
      if (this.holder(side).isOpen) continue;
      if (side.gone === 0) this.#violation ??= new Violation(`the descriptor of ${side.name} was closed too early`);
      side.endReceiving("closed");
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
      case "writeCall":
        if (act.frees) holder.releaseWriter();
        return this.#writeCall(side, act);
      case "read":
      case "readByob":
        for (let count = 0; count < act.count; count += 1) this.read(side, act.do === "readByob", act.size, act.min);
        return;
      case "readCall":
        if (act.frees) this.#release(side);
        for (let count = 0; count < act.count; count += 1) this.#readCall(side, act.size, act.signal);
        return;
      case "abortCall":
        return this.#signals[this.#index(side)].shift()?.abort(new Error("the call was ended"));
      case "release":
        return this.#release(side);
      case "releaseWriter":
        return holder.releaseWriter();
      case "flush":
        return this.#await(this.pair.ending(side, "flush"), holder.end.flush());
      case "peerClosed":
        return this.#peerClosed(side);
      case "tell":
        if (holder.end.fd !== -1 && side.owners === "sole") side.owners = "told";
        return;
      case "cancel":
        holder.cancel(new Error("cancelled")).catch(() => {});
        return this.pair.cancelled(side);
      case "abort":
        return this.#abort(side);
      case "closeWriter":
        if (side.refuses(false)) return void holder.writer.close().catch(() => {});
        return this.#await(this.pair.ending(side, "closeWriter"), holder.writer.close());
      case "closeWrite":
        return this.#await(this.pair.ending(side, "closeWrite"), holder.end.closeWrite());
      case "closeRead":
        if (holder.isOpen) this.pair.closingRead(side);
        return holder.end.closeRead();
      case "close":
        if (holder.isOpen) this.pair.closing(side);
        holder.end.close().catch(() => {});
        return;
      case "closeReason":
      case "signal": {
        const reason = new Error(act.do);
        if (holder.isOpen) this.pair.closed(side, { reason });
        if (act.do === "signal" && holder.controller !== undefined) holder.controller.abort(reason);
        else holder.end.close(reason).catch(() => {});
        return;
      }
      case "dispose":
        this.pair.closed(side);
        return holder.end[Symbol.dispose]();
      case "detach":
      case "transfer":
      case "duplicate":
      case "die":
        return this.#part(side, act.do);
      case "ref":
      case "unref":
        return holder.end[act.do]();
    }
  }

  /** The bytes of a chunk, each part other ones. */
  #partsOf(sizes: readonly number[]): Uint8Array<ArrayBuffer>[] {
    const { framing } = this.#mode;
    const most = framing === undefined ? Infinity : Math.floor(maxFrame(framing) / sizes.length);
    const id = this.#writes += PARTS_MAX;
    return sizes.map((size, index) => noise(Math.min(size, most), id + index));
  }

  #write(side: Side, sizes: readonly number[], form: "view" | "parts" | "shared"): void {
    const { chunk, type, framing } = this.#mode;
    const parts = this.#partsOf(chunk === "batch" || form === "parts" ? sizes : sizes.slice(0, 1));
    const given = parts.map((part) => form === "shared" ? shared(part) : part.slice());
    const ofBytes = type === "stream" && framing === undefined;
    const whole = ofBytes || chunk === "batch" ? parts : [joined(parts)];
    if (chunk === "message") {
      const empty = type === "stream" && parts.every((part) => part.byteLength === 0);
      const descriptors = sizes.length > 1 ? [this.#sent] : [];
      this.#send(side, { data: given, descriptors }, whole, empty ? "junk" : "none", given);
    } else {
      this.#send(side, chunk === "batch" || form === "parts" ? given : given[0], whole, "none", given);
    }
  }

  #writeTooMuch(side: Side): void {
    const { chunk } = this.#mode;
    const record = this.#tooMuch();
    if (record === undefined) return this.#write(side, [400_000], "view");
    this.#send(side, chunk === "batch" ? [record] : chunk === "message" ? { data: record } : record, [], "too much");
  }

  /** A record that is too long; undefined where there are none. */
  #tooMuch(): Uint8Array | undefined {
    const { type, framing } = this.#mode;
    if (framing !== undefined) return noise(maxFrame(framing) + 1, 1);
    return type === "stream" ? undefined : noise(TOO_MUCH, 1);
  }

  #send(side: Side, chunk: unknown, parts: readonly Uint8Array[], flaw: Write["flaw"], given: Uint8Array[] = []): void {
    const write = this.pair.write(side, { parts, flaw, call: false });
    this.holder(side).write(chunk).then(
      () => this.#tell(side, `wrote ${write.bytes}`, () => this.pair.taken(side, write)),
      (error) => this.#tell(side, `write failed: ${error}`, () => this.pair.refused(side, write, error)),
    ).finally(() => spoil(given));
  }

  #writeCall(side: Side, { what, sizes, form, signal: how }: Extract<Act, { do: "writeCall" }>): void {
    const holder = this.holder(side);
    const record = what === "too much" ? this.#tooMuch() : undefined;
    const parts = record !== undefined ? [record] : this.#partsOf(form === "parts" ? sizes : sizes.slice(0, 1));
    const given = parts.map((part) => form === "shared" ? shared(part) : part.slice());
    const flaw = what === "junk" ? "junk" : record !== undefined ? "too much" : "none";
    const chunk = what === "junk" ? "junk" as never : form === "parts" ? given : given[0]!;
    const signal = this.#signal(side, how);
    const refused = this.#mode.chunk === "message" || holder.isWriting ? TypeError : undefined;
    const promise = (holder.end as unknown as CallableEnd).write(chunk, { signal });
    if (refused !== undefined || signal?.aborted) {
      const expected = (error: unknown) => refused === undefined ? error === signal!.reason : error instanceof refused;
      return void promise.then(
        () => this.#tell(side, "call wrote", () => wrong("a call to write succeeded that had to be refused")),
        (error) =>
          this.#tell(side, `call to write refused: ${error}`, () => {
            if (!expected(error)) wrong(`a call to write had to be refused and was, but with ${error}`);
          }),
      );
    }
    const ofBytes = this.#mode.type === "stream" && this.#mode.framing === undefined;
    const whole = flaw !== "none" ? [] : ofBytes ? parts : [joined(parts)];
    const write = this.pair.write(side, { parts: whole, flaw, call: true });
    promise.then(
      (count) =>
        this.#tell(side, `call wrote ${count}`, () => {
          if (count !== write.bytes) wrong(`a call wrote ${count} bytes of ${write.bytes}`);
          this.pair.taken(side, write);
        }),
      (error) =>
        this.#tell(side, `call to write failed: ${error}`, () => {
          if (signal?.aborted && error === signal.reason) this.pair.withdrawn(write);
          else this.pair.refused(side, write, error);
        }),
    ).finally(() => spoil(given));
  }

  /** The signal of a call. */
  #signal(side: Side, how: Signal): AbortSignal | undefined {
    if (how === "none") return undefined;
    const controller = new AbortController();
    if (how === "before") controller.abort(new Error("the call was ended before"));
    else this.#signals[this.#index(side)].push(controller);
    return controller.signal;
  }

  #readCall(side: Side, size: number, how: Signal): void {
    const holder = this.holder(side);
    const view = new Uint8Array(size);
    const signal = this.#signal(side, how);
    const locked = this.#mode.chunk === "message" || holder.isReading;
    const refusal = locked ? TypeError : signal?.aborted ? { reason: signal.reason } : undefined;
    const read = this.#asked(side, { by: "call", size, signal, refusal, least: 1 });
    const ofBytes = this.#mode.chunk === "bytes";
    (holder.end as unknown as CallableEnd).read(view, { signal }).then(
      (count) => {
        this.#settled(side, read, count === null ? "call read the end" : `call read ${count}`, () => {
          if (count === null) return this.pair.ended(side, read, holder.isOpen);
          if (count < 0 || count > size || (ofBytes && count === 0 && size > 0)) {
            wrong(`a call read ${count} bytes of ${size}`);
          }
          this.pair.received(side, read, [view.subarray(0, count)]);
        });
      },
      (error) => {
        this.#retired.push(view.fill(RETIRED));
        this.#failed(side, read, error);
      },
    );
  }

  /** Asks for one read of the stream. */
  read(side: Side, byob: boolean, size: number, min: number): void {
    const holder = this.holder(side);
    const mayByob = this.#mode.type === "stream" && this.#mode.chunk === "bytes";
    const pending = [...side.reads].some((read) => read.by === "stream" && !read.released);
    const least = mayByob && byob ? Math.min(min, size) : 1;
    const promise = holder.read(mayByob && byob, !pending, size, least);
    const read = this.#asked(side, {
      by: "stream",
      size,
      signal: undefined,
      refusal: undefined,
      least: holder.isByob ? least : 1,
    });
    promise.then(
      ({ done, value }) =>
        this.#settled(side, read, done ? "read the end" : "read", () => {
          if (value !== undefined) this.pair.received(side, read, Holder.partsOf(this.#mode, value));
          if (done) this.pair.ended(side, read, holder.isOpen);
        }),
      (error) => this.#failed(side, read, error),
    );
  }

  #asked(side: Side, asked: Pick<Read, "by" | "size" | "signal" | "refusal" | "least">): Read {
    const { owner, receiveError, receiveEnd, unclear, shutRead, isLast } = side;
    // What may have ended by closeRead() before the peer went does not see it go.
    const hungUp: Sure = isLast && receiveEnd === 1 && side.hungUp === 2 ? 1 : side.hungUp;
    const dry = shutRead === 2 && side.in.discarded;
    const refusal = asked.refusal ?? receiveError;
    const over = refusal === undefined && receiveEnd === 2 && !unclear && !owner.left;
    const read: Read = {
      ...asked,
      owner,
      refusal,
      over,
      dry,
      hungUp,
      released: false,
      outcome: undefined,
    };
    side.reads.add(read);
    return read;
  }

  #failed(side: Side, read: Read, error: unknown): void {
    const tell = () => this.pair.failed(side, read, error);
    // Which record is too long follows from the reads before it.
    if (error instanceof RangeError) return this.#settled(side, read, `read failed: ${error}`, tell);
    side.reads.delete(read);
    this.#tell(side, `read failed: ${error}`, tell);
    this.#tellReads(side);
  }

  /** Reads are told of in the order in which they were asked for: one may tell a turn later than those behind it. */
  #settled(side: Side, read: Read, what: string, tell: () => void): void {
    read.outcome = () => this.#tell(side, what, tell);
    // What takes nothing waits for nothing.
    if (read.size === 0 && this.#mode.chunk === "bytes" && side.reads.delete(read)) read.outcome();
    this.#tellReads(side);
    if (!side.reads.has(read)) return;
    void turn().then(turn).then(turn).then(() => {
      if (!side.reads.delete(read)) return;
      this.#violation ??= new Violation("a read was served before an earlier one");
      read.outcome?.();
      this.#tellReads(side);
    });
  }

  #tellReads(side: Side): void {
    for (const read of side.reads) {
      if (read.outcome === undefined) return;
      side.reads.delete(read);
      read.outcome();
    }
  }

  #release(side: Side): void {
    for (const read of side.reads) {
      if (read.by === "call" || read.outcome !== undefined) continue;
      read.released = true;
      side.ghost = side.ahead = true;
    }
    this.holder(side).releaseReader();
  }

  #peerClosed(side: Side): void {
    const holder = this.holder(side);
    if (holder.peerClosed !== "unasked") return;
    holder.peerClosed = "asked";
    holder.end.peerClosed.then(() =>
      this.#tell(side, "the peer is closed", () => {
        holder.peerClosed = "told";
        if (side.hungUp === 0 && side.peer.gone === 0) wrong("peerClosed told of a peer that is not gone");
      })
    );
  }

  #abort(side: Side): void {
    const reason = new Error("aborted");
    const { owner, sendEnd } = side;
    const { writer, writableFailed } = this.holder(side);
    const promise = writer.abort(reason);
    // Behind a peer that has gone with nothing lost by it, the stream itself has not ended yet.
    owner.possible.add(reason);
    if (sendEnd === 2 || writableFailed) return void promise.catch(() => {});
    if (side.refusedLate) {
      side.faulted = true;
      side.endSending(1);
      return void promise.catch(() => {});
    }
    const ending: Ending = { side, what: "abort", index: side.out.writes.length, over: false };
    this.pair.endings.add(ending);
    side.faulted = true;
    owner.failed ||= sendEnd === 0;
    side.endSending(2);
    const settled = () => this.#tell(side, "aborted", () => this.pair.settled(ending));
    promise.then(settled, settled);
  }

  #await(ending: Ending, promise: Promise<void>): void {
    const { side, what } = ending;
    promise.then(
      () => this.#tell(side, `${what} done`, () => this.pair.settled(ending)),
      (reason) => this.#tell(side, `${what} failed: ${reason}`, () => this.pair.settled(ending, { reason })),
    );
  }

  #part(side: Side, how: "detach" | "transfer" | "duplicate" | "die"): void {
    // No promise says that what had been received ahead outlives the end of its direction.
    if (side.ahead && side.receiveEnd > 0 && (side.shutRead < 2 || side.closing || side.isLast)) return;
    if (how === "die") return this.#die(side);
    // Where others have the socket, a writer that failed has not ended it: the next would write behind what is cut.
    if (side.owners === "shared" && side.sendEnd > 0) return;
    // A duplicate does not get what this end has received ahead, or has sent a part of.
    const half = side.ahead || side.out.head() !== undefined || side.out.lingers;
    if (how === "duplicate" && (half || side.ghost || this.#mode.framing !== undefined)) return;
    this.#handOver(side, how);
  }

  #handOver(side: Side, by: "detach" | "transfer" | "duplicate"): void {
    const old = this.holder(side);
    const mayFail = !old.isOpen || this.#busy(side) ||
      (by === "transfer" && this.#mode.chunk === "message" && side.ahead);
    const owner = new Owner();
    let next: Holder;
    try {
      next = old.handOver(this.#mode, owner, by, side.owners === "shared");
    } catch (error) {
      if (!mayFail || !(error instanceof TypeError)) throw new Violation(`${by} failed: ${error}`);
      return this.#log(side, `${by} refused: ${error.message}`);
    }
    if (by === "duplicate") side.owners = "shared";
    this.pair.handOver(side, owner);
    this.holders.push(next);
    this.#current[this.#index(side)] = next;
  }

  #busy(side: Side): boolean {
    // A read that has not told yet may have closed the end.
    return this.#mode.framing !== undefined || side.unsure || side.out.head() !== undefined || side.out.lingers ||
      [...this.pair.endings].some((ending) => ending.side === side);
  }

  /** As when a process dies: the kernel closes the descriptor, and no code of ours runs. */
  #die(side: Side): void {
    const { end, isOpen } = this.holder(side);
    if (!isOpen) return;
    try {
      close(end.detach().fd);
    } catch (error) {
      if (!this.#busy(side)) throw new Violation(`detach failed: ${error}`);
      this.pair.closed(side);
      return end[Symbol.dispose]();
    }
    this.pair.handOver(side, side.owner);
    side.die();
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

/** The calls of an end, whatever its chunks are. */
interface CallableEnd {
  read(view: Uint8Array, options: { signal: AbortSignal | undefined }): Promise<number | null>;
  write(chunk: Uint8Array | Uint8Array[], options: { signal: AbortSignal | undefined }): Promise<number>;
}

function wrong(what: string): never {
  throw new Violation(what);
}

/** The memory of a write that has settled is its caller's again. */
function spoil(given: readonly Uint8Array[]): void {
  for (const part of given) part.fill(RETIRED);
}

function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  copy.set(bytes);
  return copy;
}
