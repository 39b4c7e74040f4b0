/** This module: through `readable` and `writable`, as a user reads and writes. */

import { close } from "../../ffi/mod.ts";
import { SocketEnd, socketpair, type SocketPairOptions } from "../../mod.ts";
import { statistics } from "../../ffi/patience.ts";
import { type Contestant, type Each, type Hand, type Launcher, type Port, Skip } from "../port.ts";
import { readAll, readWithBuffer } from "./_streams.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How an end is read and written. */
type Use = (end: SocketEnd) => Port;

/** How many records go before one is waited for, or into a batch. */
const BURST = 64;

const awaitingEach: Use = (end) => {
  const writer = end.writable.getWriter();
  return {
    send: (bytes) => writer.write(bytes),
    receive: (each) => readAll(end.readable as ReadableStream<Bytes>, each),
  };
};

const withOneBuffer: Use = (end) => ({
  ...awaitingEach(end),
  receive: (each) => readWithBuffer(end.readable as ReadableStream<Bytes>, each),
});

const inBursts: Use = (end) => {
  const writer = end.writable.getWriter();
  let last: Promise<void> | undefined;
  let written = 0;
  return {
    send(bytes) {
      last = writer.write(bytes);
      written += 1;
      return written % BURST === 0 ? last : undefined;
    },
    flush: () => last,
    receive: (each) => readAll(end.readable as ReadableStream<Bytes>, each),
  };
};

/** As many records as go into one write of 64 KiB, which is what the byte peers gather. */
const FRAMES = 960;

const inBatchesOf = (size: number): Use => (end) => {
  const writer = (end.writable as unknown as WritableStream<readonly Bytes[]>).getWriter();
  let batch: Bytes[] = [];
  const flush = () => {
    const full = batch;
    batch = [];
    return writer.write(full);
  };
  return {
    send: (bytes) => batch.push(bytes) < size ? undefined : flush(),
    flush: () => batch.length === 0 ? undefined : flush(),
    receive: (each) => readAll(end.readable as unknown as ReadableStream<Bytes[]>, (records) => eachOf(records, each)),
  };
};

function eachOf(records: readonly Bytes[], each: Each): void | Promise<void> {
  let wait: void | Promise<void> = undefined;
  for (const record of records) wait = each(record) ?? wait;
  return wait;
}

const FRAMED = { type: "stream", framing: "length-prefix" } as const;

const VARIANTS: Record<string, readonly [options: SocketPairOptions, use: Use]> = {
  "ours": [{}, awaitingEach],
  "ours, stream": [{ type: "stream" }, awaitingEach],
  "ours, BYOB": [{ type: "stream" }, withOneBuffer],
  "ours, read-ahead": [{ type: "seqpacket", highWaterMark: 64 }, inBursts],
  "ours, batches": [{ type: "seqpacket", batches: true }, inBatchesOf(BURST)],
  "ours, framed": [FRAMED, inBursts],
  "ours, framed batches": [{ ...FRAMED, batches: true }, inBatchesOf(FRAMES)],
};

/** A version without the framed mode ignores the option, and its readable is one of bytes. */
function checkFramed(end: SocketEnd): void {
  try {
    end.readable.getReader({ mode: "byob" }).releaseLock();
  } catch {
    return;
  }
  throw new Skip("this version has no framed mode");
}

/** A thread takes the descriptors over, a process has its own. */
function handOver(launcher: Launcher, fds: number[]): void {
  launcher.start(fds);
  if (launcher.hand.placement === "b") { for (const fd of fds) close(fd); }
}

/** The contestant of that name. */
export function contestant(name: string): Contestant {
  const [options, use] = VARIANTS[name]!;
  const pair = ({ workload }: Hand) => {
    const type = workload === "W1" ? "stream" : "seqpacket";
    const ends = socketpair({ type, ...options }) as unknown as readonly [SocketEnd, SocketEnd];
    if (options.framing !== undefined) checkFramed(ends[0]);
    return ends;
  };
  return {
    pair: (hand) =>
      Promise.resolve(Array.from({ length: hand.channels }, () => {
        const [left, right] = pair(hand);
        return [use(left), use(right)];
      })),
    connect: (launcher) => {
      const pairs = Array.from({ length: launcher.hand.channels }, () => pair(launcher.hand));
      handOver(launcher, pairs.map(([, right]) => right.detach().fd));
      return Promise.resolve(pairs.map(([left]) => use(left)));
    },
    accept: ({ fds }) => Promise.resolve(fds.map((fd) => use(SocketEnd.from(fd, options) as unknown as SocketEnd))),
    spins: () => ({ ...statistics }),
  };
}
