/** A random program on one end, with a Python process at the other. */

import { Buffer } from "node:buffer";
import { openSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Chunk,
  type Framing,
  type ReceivedMessage,
  SocketEnd,
  socketpair,
  type TransferToken,
} from "../../../mod.ts";
import { dice } from "./dice.ts";
import { ask, give, tell } from "./kernel.ts";
import { disagreements, type Kernel, open, type Write } from "./verdict.ts";

const ZERO = openSync("/dev/zero", "r");
const PREFIXES = { uint32le: "<I", uint32be: ">I", uint16le: "<H", uint16be: ">H" };
const SIZES = [0, 1, 2, 10, 100, 1000, 5000, 20_000, 60_000, 150_000];
const ACTS =
  "write write write write read read read read lockWrite lockRead unlockWrite unlockRead unlockRead flush python python python python transfer detach duplicate finish leave leave";
const ENDS = "closeWrite late close close closeStream fail dispose abort cancel refuse vanish";
const OURS = new Error("a reason of ours");
type State = { eof: boolean; cut: boolean; sent: number };
type Reader = ReadableStreamBYOBReader & ReadableStreamDefaultReader<unknown>;

/** Runs the program of a seed. Gives what is wrong; what was done goes into the log. */
export async function play(seed: number, log: string[]): Promise<string[]> {
  const { below, pick, chance } = dice(seed);
  const before = open();

  const type = pick(["stream", "seqpacket", "dgram"] as const);
  const framing = type === "stream" && chance(0.6) ? pick(Object.keys(PREFIXES) as Framing[]) : undefined;
  const bytes = type === "stream" && framing === undefined;
  const messages = chance(0.4) && framing === undefined;
  const batches = chance(0.4) && !messages && !bytes;
  const chunks = messages ? "messages" : batches ? "batches" : bytes ? "bytes" : "records";
  const options = { framing, chunks, credentials: messages && chance(0.5) ? true : undefined, busyPoll: pick([0, 50]) };
  const pair = socketpair(
    { ...options, type, sendBufferSize: pick([undefined, 4608, 4608, 30_000]) } as never,
  ) as unknown as SocketEnd[];
  let end = pair[0]!;
  await give(pair[1]!, framing && PREFIXES[framing]);
  log.push(JSON.stringify({ type, ...options }));

  const faults: string[] = [];
  const pending = new Set<Promise<void>>();
  const writes: Write[] = [];
  const reads: Uint8Array[][] = [];
  let writer: WritableStreamDefaultWriter<unknown> | undefined;
  let reader: Reader | undefined;
  let [outEnded, inEnded, lossy, vanished, eof, clean, broken] = [false, false, false, false, false, true, false];
  /** The end that was told to send no more. */
  let over: SocketEnd | undefined;
  let [origin, fdsCame] = [0, 0];

  const track = <T>(
    name: string,
    promise: Promise<T>,
    done: (value: T) => void,
    excused: (reason: Error) => boolean,
  ) => {
    log.push(name);
    const mine = end;
    const settled: Promise<void> = promise.then((value) => {
      log.push(`  ${name}: ${typeof value === "number" || value === null ? value : "done"}`);
      done(value);
    }, (reason) => {
      log.push(`  ${name}: ${reason}`);
      if (!excused(reason) && mine === end) faults.push(`${name} failed: ${reason?.stack}`);
    }).finally(() => pending.delete(settled));
    pending.add(settled);
    return settled;
  };
  /** As the logs have it: bytes, or a record behind its length. */
  const logged = (data: Uint8Array, fds = 0): Uint8Array => {
    const prefix = Buffer.alloc(
      type !== "stream" ? 5 : framing === undefined ? 0 : framing.startsWith("uint32") ? 4 : 2,
      fds,
    );
    if (type !== "stream") prefix.writeUInt32LE(data.length);
    else if (framing?.endsWith("le")) prefix.writeUIntLE(data.length, 0, prefix.length);
    else if (framing) prefix.writeUIntBE(data.length, 0, prefix.length);
    return Buffer.concat([prefix, data]);
  };
  const make = (): { chunk: Chunk; data: Uint8Array } => {
    const size = Math.min(
      pick(SIZES.slice(messages && bytes ? 1 : 0, chance(0.5) ? 6 : 10)),
      framing?.startsWith("uint16") ? 60_000 : 150_000,
    );
    const data = new Uint8Array(size).fill(1 + below(255));
    if (size > 0) data[0] = writes.length;
    if (size > 4) new DataView(data.buffer).setUint32(1, below(2 ** 32));
    const cut = below(size + 1);
    const shared = new Uint8Array(new SharedArrayBuffer(size));
    shared.set(data);
    return {
      data,
      chunk: pick<Chunk>([
        data,
        data.buffer,
        [data.subarray(0, cut), data.subarray(cut)],
        new DataView(data.buffer),
        shared,
      ]),
    };
  };
  const signal = (): AbortSignal | undefined => {
    if (chance(0.5)) return undefined;
    if (chance(0.1)) return AbortSignal.abort(OURS);
    const control = new AbortController();
    setTimeout(() => control.abort(OURS), below(4));
    return control.signal;
  };
  const write = () => {
    const call = !messages && (writer === undefined || chance(0.05));
    if (!call) writer ??= end.writable.locked ? undefined : end.writable.getWriter() as never;
    const made = Array.from({ length: !call && batches ? below(5) : 1 }, make);
    const entry: Write = { units: made.map(({ data }) => logged(data)), outcome: "waits", lost: false };
    const number = writes.push(entry);
    const locked = call && writer !== undefined;
    const wasOver = over === end;
    const ending = call ? signal() : undefined;
    let [chunk, fds]: [unknown, number] = [batches && !call ? made.map(({ chunk }) => chunk) : made[0]!.chunk, 0];
    if (messages) {
      fds = chance(0.3) ? 1 + below(3) : 0;
      entry.units[0] = logged(made[0]!.data, fds);
      chunk = { data: chunk, descriptors: Array(fds).fill(ZERO) };
      entry.fds = fds;
    }
    const promise: Promise<number | void> = call
      ? end.write(chunk as Chunk, { signal: ending })
      : new Promise<void>((resolve) => resolve(writer!.write(chunk)));
    track(
      `write ${number - 1} of ${made.map(({ data }) => data.length)}${call ? " by call" : ""}${
        ending ? " with signal" : ""
      }`,
      promise,
      () => {
        entry.outcome = "resolved";

        if (locked) faults.push(`write ${number - 1} went past a lock`);
      },
      (reason) => {
        entry.outcome = "rejected";
        entry.never = locked || wasOver && reason instanceof TypeError;
        return outEnded || locked || (reason === OURS && ending !== undefined);
      },
    );
  };
  const read = (size = pick(SIZES)): Promise<void> => {
    const call = !messages && (reader === undefined || chance(0.05));
    if (!call) {
      reader ??= end.readable.getReader(
        chunks === "bytes" && chance(0.5) ? { mode: "byob" } : undefined as never,
      ) as never;
    }
    const [units, mine, locked, ending] = [
      [] as Uint8Array[],
      reader,
      call && reader !== undefined,
      call ? signal() : undefined,
    ];
    const name = `read ${reads.push(units) - 1} of ${size}${call ? " by call" : ""}${ending ? " with signal" : ""}`;
    const ended = () => void (eof ||= !inEnded);
    const excused = (reason: Error): boolean => {
      if (reason.name === "FramingError" && !inEnded) broken = inEnded = true;
      if (reason instanceof RangeError) clean = false;
      return inEnded || locked ||
        (call ? reason === OURS && ending !== undefined || (reason instanceof RangeError && !bytes) : mine !== reader);
    };
    if (call) {
      const memory = new Uint8Array(size + 16).fill(0xee);
      const view = memory.subarray(8, 8 + size);
      return track(name, end.read(view, { signal: ending }), (count) => {
        if (locked) faults.push(`${name} went past a lock`);
        if ([...memory.subarray(0, 8), ...memory.subarray(8 + size)].some((byte) => byte !== 0xee)) {
          faults.push(`${name} wrote beside its view`);
        }
        if (count === null) ended();
        else if (size > 0 || !bytes) units.push(logged(view.slice(0, count)));
      }, excused);
    }
    const byob = reader instanceof ReadableStreamBYOBReader;
    return track(
      name,
      byob ? reader!.read(new Uint8Array(size || 1)) : reader!.read(undefined as never),
      ({ done, value }: { done: boolean; value?: unknown }) => {
        if (done) ended();
        else if (messages) {
          const { data, descriptors } = value as ReceivedMessage;
          units.push(logged(data, descriptors.length));
          fdsCame += descriptors.length;
          for (const descriptor of descriptors) descriptor.close();
        } else for (const data of batches ? value as Uint8Array[] : [value as Uint8Array]) units.push(logged(data));
      },
      excused,
    );
  };
  /** Waits for something, while Python takes what there is. */
  const until = async (what: string, isDone: () => boolean, besides?: (state: State) => void) => {
    for (const limit = performance.now() + 20_000; !isDone(); await delay(0)) {
      tell("recv", 100, 1 << 20);
      tell("flush");
      besides?.(await ask<State>("state"));
      if (performance.now() > limit) throw new Error(`hangs: ${what}`);
    }
  };
  const adopt = (next: SocketEnd) => {
    end = next;
    // It does not know of it, and may gather what can no more be sent.
    lossy ||= outEnded;
    origin = writes.length;
    reader = undefined;
    writer = undefined;
  };
  const all: Record<string, () => unknown> = {
    write,
    read: () => void read(),
    lockWrite: () => writer ??= end.writable.locked ? undefined : end.writable.getWriter() as never,
    lockRead: () => reader ??= end.readable.getReader() as never,
    unlockWrite: () => writer = void writer?.releaseLock(),
    unlockRead: () => {
      clean = false;
      const old = reader;
      reader = undefined;
      old?.releaseLock();
    },
    // A request that its reader has let go of, before another reader has the lock.
    leave: () => {
      void read();
      all["unlockRead"]!();
      all["lockRead"]!();
    },
    flush: () => {
      const [first, last] = [origin, writes.length];
      track(
        "flush",
        end.flush(),
        () => writes.slice(first, last).forEach((entry) => entry.flushed = true),
        () => outEnded,
      );
    },
    python: () =>
      chance(0.5) ? tell("recv", 1 + below(10), pick([1, 100, 5000, 1 << 20, 1 << 20])) : tell(
        "send",
        ...Array.from(
          { length: 1 + below(4) },
          () => [Math.min(pick(SIZES), 60_000), messages && chance(0.6) ? 1 + below(3) : 0],
        ),
      ),
    finish: () => chance(0.2) && tell("finish"),
    transfer: () =>
      lossy || inEnded ||
      adopt(SocketEnd.from(structuredClone(end.transfer()) as TransferToken, options as never) as never),
    detach: () => {
      if (lossy || inEnded) return;
      const { fd, unread } = end.detach();
      adopt(SocketEnd.from(fd, { ...options, unread } as never) as never);
    },
    duplicate: async () => {
      const other = end.duplicate();
      const swaps = pending.size === 0 && clean && !framing && !writer && !reader && !outEnded && chance(0.5);
      if (!swaps) return void other.close();
      const old = end;
      adopt(other);
      track("close of a duplicate's origin", old.close(), () => {}, () => true);
      await until("close", () => pending.size === 0);
    },
    closeWrite: () => {
      over = end;
      outEnded = true;
      track("closeWrite", end.closeWrite(), () => {}, () => false);
    },
    // A writable that was perhaps first asked for while the end was on its way.
    late: async () => {
      all["closeWrite"]!();
      all["lockWrite"]!();
      await until("closeWrite", () => writes.every(({ outcome }) => outcome !== "waits"));
      write();
    },
    close: () => {
      over = end;
      outEnded = inEnded = true;
      track("close", end.close(), () => {}, () => true);
    },
    fail: () => {
      over = end;
      outEnded = inEnded = lossy = true;
      track("close for a reason", end.close(OURS), () => {}, () => true);
    },
    dispose: () => {
      over = end;
      outEnded = inEnded = lossy = true;
      end[Symbol.dispose]();
    },
    closeStream: () => {
      over = end;
      outEnded = true;
      track("close of the writable", writer?.close() ?? end.writable.close(), () => {}, () => true);
    },
    abort: () => {
      over = end;
      outEnded = lossy = true;
      track("abort", writer?.abort(OURS) ?? end.writable.abort(OURS), () => {}, () => true);
    },
    cancel: () => {
      const wasOver = inEnded;
      inEnded = true;
      track("cancel", reader?.cancel() ?? end.readable.cancel(), () => {}, ({ name }) => {
        // A read that was asked before may have met it.
        broken ||= name === "FramingError";
        return wasOver || broken;
      });
    },
    refuse: () => {
      outEnded = lossy = true;
      tell("refuse");
    },
    vanish: () => {
      outEnded = lossy = vanished = true;
      tell("vanish");
    },
  };
  const perform = async (name: string) => {
    log.push(`> ${name}`);
    try {
      await all[name]!();
    } catch (error) {
      log.push(`  ${name}: ${error}`);
      if (!(error instanceof TypeError && /^Cannot (transfer|detach|duplicate|tell)/.test(error.message))) throw error;
    }
  };
  try {
    // Each program can do some of it only: what is rare together comes up that way.
    const some = (words: string) => words.split(" ").filter(() => chance(0.6)).concat("write");
    const [acts, ends, calm] = [some(ACTS), some(ENDS), pick([0.05, 0.3, 0.7])];
    for (let step = 5 + below(40); step > 0; step -= 1) {
      await perform(pick(chance(0.07) ? ends : acts));
      if (chance(calm)) {
        await pick([() => ask("state"), () => delay(below(3)), () => new Promise((go) => setImmediate(go))])();
      }
    }
    if ((await ask<State>("state")).eof && !outEnded) faults.push("Python has met EOF that this side has not made");
    if (chance(0.7)) {
      const ended = !vanished && !inEnded;
      all["closeWrite"]!();
      await until("closeWrite", () => writes.every(({ outcome }) => outcome !== "waits"));
      if (ended) {
        await until("all that Python sent", () => eof || inEnded, ({ cut, sent }) => {
          if (!cut) tell("finish");
          if (type === "dgram" && Buffer.concat(reads.flat()).length >= sent) inEnded = true;
          else if (pending.size === 0) void read(1 << 20);
        });
      }
    }
    all["dispose"]!();
    await until("all that was begun", () => pending.size === 0);
  } catch (error) {
    faults.push(`${(error as Error).stack}`);
    end[Symbol.dispose]();
  }
  const kernel = await ask<Kernel>("over");
  vanished ||= kernel.purged;
  for (const entry of writes) {
    entry.lost = vanished || (lossy && (entry.outcome !== "resolved" || (framing !== undefined && !entry.flushed)));
  }
  faults.push(...disagreements(kernel, { writes, read: Buffer.concat(reads.flat()), eof, broken, vanished, fdsCame }));
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const left = [...open()].filter((name) => !before.has(name));
    if (left.length === 0) break;
    if (attempt === 399) faults.push(`left open: ${left}`);
    await delay(5);
  }
  return faults;
}
