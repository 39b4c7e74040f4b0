/**
 * Carries chunks between two ends of this process while its system calls are made to fail, and prints what came of it.
 *
 * Arguments: the kind of pair, and whether the two ends know each other ("local") or only the kernel can wake them
 * ("kernel"), there also on a thread of its own ("worker").
 */

import { readdirSync, readlinkSync, statSync } from "node:fs";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { SocketEnd, SocketError, socketpair, type SocketPairOptions } from "../../../mod.ts";
import { close } from "../../../ffi/mod.ts";
import { noise } from "../model/noise.ts";
import { BEGINS, CHUNKS, damageOf, ENDS, type Report, sizeOf } from "./report.ts";

const KINDS: Record<string, SocketPairOptions> = {
  stream: { type: "stream" },
  framed: { type: "stream", framing: "uint32le" },
  seqpacket: { type: "seqpacket" },
  dgram: { type: "dgram" },
  messages: { type: "seqpacket", chunks: "messages" },
  batches: { type: "seqpacket", chunks: "batches" },
};

/** An end of any kind. */
type Opaque = SocketEnd<unknown, never>;

/** A chunk as the kind of end takes it, and the bytes of one that it gives. */
const wrap = (kind: string, data: Uint8Array): unknown =>
  kind === "messages" ? { data } : kind === "batches" ? [data] : data;
const unwrap = (kind: string, chunk: unknown): Uint8Array[] =>
  kind === "messages" ? [(chunk as { data: Uint8Array }).data] : [chunk as Uint8Array].flat();

function open(): number {
  let count = 0;
  for (const fd of readdirSync("/proc/self/fd")) {
    try {
      if (/^socket:|eventfd|eventpoll/.test(readlinkSync(`/proc/self/fd/${fd}`))) count += 1;
    } catch {
      // The descriptor of the listing itself.
    }
  }
  return count;
}

const codeOf = (error: unknown): string => error instanceof SocketError ? error.code : String(error);

/** Two ends. Unless they are "local", each has an owner that knows nothing of the other. */
function ends(kind: string, how: string): Opaque[] {
  const options = KINDS[kind]!;
  const pair = socketpair(options);
  if (how === "local") return [...pair] as SocketEnd[];
  const numbers = pair.map((end) => end.detach().fd);
  const adopted: Opaque[] = [];
  try {
    for (const fd of numbers) adopted.push(SocketEnd.from(fd, options) as SocketEnd);
    return adopted;
  } catch (error) {
    for (const end of adopted) end[Symbol.dispose]();
    for (const fd of numbers.slice(adopted.length)) close(fd);
    throw error;
  }
}

/** Some turns of the event loop, and some time: on a loaded machine a timer may come after one turn. */
async function pause(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  await delay(5);
}

/** @param pauses Whether the reader is to park before each of the first chunks: what is served sooner asks no poller */
async function write(kind: string, end: Opaque, pauses: boolean): Promise<Pick<Report, "sent" | "writeError">> {
  const writer = (end.writable as WritableStream<unknown>).getWriter();
  let sent = 0;
  try {
    for (; sent < CHUNKS; sent += 1) {
      if (pauses && sent < 6) await pause();
      await writer.write(wrap(kind, noise(sizeOf(sent), sent).slice()));
    }
    await writer.close();
    return { sent };
  } catch (error) {
    return { sent, writeError: codeOf(error) };
  }
}

async function read(kind: string, end: Opaque, chunks: Uint8Array[]): Promise<Pick<Report, "readError">> {
  try {
    const reader = end.readable.getReader();
    // The end of a "dgram" peer is never noticed.
    while (end.type !== "dgram" || chunks.length < CHUNKS) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(...unwrap(kind, value));
    }
    return {};
  } catch (error) {
    // No reader is left: a writer that waits for room must learn of it.
    await end.close().catch(() => {});
    return { readError: codeOf(error) };
  }
}

async function carry(kind: string, how: string): Promise<Omit<Report, "left" | "again">> {
  let pair: Opaque[];
  try {
    pair = ends(kind, how);
  } catch (error) {
    return { sent: 0, received: 0, openError: codeOf(error), closed: [] };
  }
  const [left, right] = pair as [Opaque, Opaque];
  const chunks: Uint8Array[] = [];
  const reading = read(kind, right, chunks);
  const writing = await write(kind, left, how !== "local");
  // The kernel does not tell a datagram reader that nothing more will come.
  if (writing.writeError !== undefined && kind === "dgram") {
    while (chunks.length < writing.sent && right.fd !== -1) await delay(1);
    await right.close().catch(() => {});
  }
  const outcome = { ...writing, ...await reading, ...damageOf(kind, chunks) };
  for (const end of pair) await end.close().catch(() => {});
  const closed = await Promise.all(pair.map((end) => end.closed.then(() => undefined, codeOf)));
  return { ...outcome, closed };
}

/** Tries three times: a fault that comes again and again may hit this too. */
async function worksAgain(): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await using pair = socketpair({ type: "seqpacket" });
    const write = pair[0].writable.getWriter().write(new Uint8Array(3));
    const read = pair[1].readable.getReader().read();
    // Only a fault ends the waiting of one for the other.
    const came = await Promise.race([Promise.all([read, write]), delay(500)]).catch(() => undefined);
    if (came?.[0].value?.byteLength === 3) return true;
  }
  return false;
}

/** How much is open when that has not changed for a while: what was waited for is given back a moment later. */
async function quiet(): Promise<number> {
  let known = open();
  for (let time = 0; time < 5; time += 1) {
    await delay(5);
    const now = open();
    if (now !== known) [known, time] = [now, -1];
  }
  return known;
}

async function settled(before: number): Promise<number> {
  for (let attempt = 0; attempt < 30 && open() > before; attempt += 1) await delay(10);
  return open() - before;
}

async function main(kind: string, how: string): Promise<void> {
  await import("../model/warm_up.ts");
  const before = await quiet();
  statSync(BEGINS, { throwIfNoEntry: false });
  const report = await carry(kind, how);
  statSync(ENDS, { throwIfNoEntry: false });
  const left = await settled(before);
  const again = await worksAgain();
  console.log(JSON.stringify({ ...report, left, again } satisfies Report));
}

const [kind, how] = (isMainThread ? process.argv.slice(2) : workerData) as [string, string];
if (isMainThread && how === "worker") new Worker(new URL(import.meta.url), { workerData: [kind, how] });
else await main(kind, how);
