/**
 * Terminates many workers, then looks whether the process is well, prints figures, and ends by itself.
 * Arguments: kind of worker, scenario, how many workers, how many of them at a time.
 */

import { readFile } from "node:fs/promises";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { SocketEnd, socketpair } from "../../mod.ts";
import { write } from "../../ffi/mod.ts";
import { descriptors, settles, warmUpWorkers } from "./_census.ts";
import { runtime } from "../_support.ts";
import { hire, type Hired, type Kind } from "./_hire.ts";
import { threads } from "./_threads.ts";
import type { Wait } from "./waiting.ts";

type Scenario = Wait["how"] | "any moment";
const [kind, scenario] = process.argv.slice(2) as [Kind, Scenario];
const [count, atATime] = process.argv.slice(4).map(Number) as [number, number];
const atAnyMoment = scenario === "any moment";
const HOW: Wait["how"][] = ["read", "write", "unref", "ping-pong"];
const times: number[] = [];

async function terminate(worker: Hired): Promise<void> {
  const begin = performance.now();
  await worker.terminate();
  times.push(performance.now() - begin);
}

/** Until it waits, or any moment from the beginning of its thread or of its code. */
async function until(worker: Hired): Promise<void> {
  const waiting = (async () => {
    await worker.message();
    if (atAnyMoment && Math.random() < 0.7) return;
    await worker.message();
  })();
  if (!atAnyMoment) return await waiting;
  waiting.catch(() => {});
  if (Math.random() < 0.7) await waiting;
  await delay(Math.random() * 30);
}

async function terminateWaiting(how: Wait["how"]): Promise<void> {
  const worker = hire(kind, "waiting.ts", { how });
  await until(worker);
  await terminate(worker);
}

async function terminatePlaying(): Promise<void> {
  const [mine, theirs] = socketpair({ type: "seqpacket" });
  const { fd } = theirs.detach();
  const echoing = mine.readable.pipeTo(mine.writable).catch(() => {});
  const worker = hire(kind, "waiting.ts", { how: "ping-pong", fd });
  await until(worker);
  await delay(Math.random() * 10);
  await terminate(worker);
  // The worker's descriptor stays open. To close it here would be a mistake: Deno's terminate() returns before the
  // worker's last code has run, which might use the number, and by then it could be another's.
  mine[Symbol.dispose]();
  await echoing;
}

function one(): Promise<void> {
  const how = scenario === "any moment" ? HOW[Math.floor(Math.random() * HOW.length)]! : scenario;
  return how === "ping-pong" ? terminatePlaying() : terminateWaiting(how);
}

/** A pair whose wait needs the poller: the other end is no end of this thread's. */
async function pairWorks(): Promise<void> {
  const [mine, theirs] = socketpair({ type: "seqpacket" });
  const { fd } = theirs.detach();
  setTimeout(() => write(fd, new Uint8Array(1)), 5);
  await mine.readable.getReader().read();
  await mine.close();
  await SocketEnd.from(fd).close();
}

async function workerWorks(): Promise<void> {
  const worker = hire(kind, "worker.ts", { task: "inside", count: 20 });
  if (await worker.message() !== 20) throw new Error("a new worker does not work");
  await worker.ended;
}

await warmUpWorkers();
const measure = () => ({ threads: threads(), descriptors: descriptors() });
const before = measure();
for (let done = 0; done < count; done += atATime) {
  await Promise.all(Array.from({ length: Math.min(atATime, count - done) }, one));
}
await delay(200);
// A thread that was told to end needs a processor for it. In Deno those that waited stay.
const staying = runtime === "deno" ? 2 * count : 0;
const after = await settles(measure, (now) => now.threads <= before.threads + staying + 4);
await Promise.all(Array.from({ length: 40 }, () => readFile(new URL(import.meta.url))));
await Promise.all([pairWorks(), delay(5), workerWorks()]);
console.log(JSON.stringify({
  before,
  after,
  terminated: times.length,
  longest: Math.round(Math.max(...times)),
  mean: Math.round(times.reduce((sum, time) => sum + time, 0) / times.length),
}));
