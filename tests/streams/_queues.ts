/** Queues that grow long, for the test of what they cost and for the benchmark. */

import { SocketEnd, socketpair } from "../../mod.ts";

type Task = (count: number) => Promise<void>;

/** Microseconds for one of so many, the least of two. */
export async function cost(task: Task, count: number): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 2; round += 1) {
    const begin = performance.now();
    await task(count);
    least = Math.min(least, (performance.now() - begin) * 1000 / count);
  }
  return least;
}

async function receive(end: SocketEnd, count: number): Promise<void> {
  const buffer = new Uint8Array(64);
  for (let index = 0; index < count; index += 1) await end.read(buffer);
}

const RECORD = new Uint8Array(10);

const writes: Task = async (count) => {
  await using pair = socketpair({ type: "seqpacket" });
  const waiting: Promise<number>[] = [];
  for (let index = 0; index < count; index += 1) waiting.push(pair[0].write(RECORD));
  await receive(pair[1], count);
  await Promise.all(waiting);
};

const reads: Task = async (count) => {
  await using pair = socketpair({ type: "seqpacket" });
  const waiting: Promise<number | null>[] = [];
  for (let index = 0; index < count; index += 1) waiting.push(pair[0].read(new Uint8Array(16)));
  for (let index = 0; index < count; index += 1) await pair[1].write(RECORD);
  await Promise.all(waiting);
};

const byob: Task = async (count) => {
  await using pair = socketpair();
  const reader = pair[1].readable.getReader({ mode: "byob" });
  const waiting = Array.from({ length: count }, () => reader.read(new Uint8Array(10)));
  for (let index = 0; index < count; index += 1) await pair[0].write(RECORD);
  await Promise.all(waiting);
};

const aborts: Task = async (count) => {
  await using pair = socketpair({ type: "seqpacket" });
  const waiting: Promise<unknown>[] = [];
  const controls: AbortController[] = [];
  for (let index = 0; index < count; index += 1) {
    const control = new AbortController();
    controls.push(control);
    waiting.push(pair[0].read(new Uint8Array(16), { signal: control.signal }).catch(() => {}));
  }
  for (const control of controls.reverse()) control.abort();
  await Promise.all(waiting);
};

const together: Task = async (count) => {
  await using pair = socketpair({ type: "seqpacket" });
  const control = new AbortController();
  const { signal } = control;
  const waiting = Array.from({ length: count }, () => pair[0].read(new Uint8Array(16), { signal }).catch(() => {}));
  control.abort();
  await Promise.all(waiting);
};

const unread: Task = async (count) => {
  const [left, right] = socketpair({ type: "seqpacket" });
  await using end = SocketEnd.from(right.detach().fd, { unread: Array.from({ length: count }, () => RECORD) });
  await receive(end, count);
  await left.close();
};

const batches: Task = async (count) => {
  await using pair = socketpair({ type: "seqpacket", chunks: "batches" });
  const writing = pair[0].writable.getWriter().write(Array.from({ length: count }, () => RECORD));
  let came = 0;
  for await (const batch of pair[1].readable) if ((came += batch.length) === count) break;
  await writing;
};

/** What is done, with how many, and with how many more. */
export const TASKS: Record<string, readonly [Task, few: number, many: number]> = {
  "write() that is not awaited": [writes, 5000, 80_000],
  "read() that waits": [reads, 2000, 32_000],
  "BYOB read that waits": [byob, 1000, 16_000],
  "read() that waits and is aborted, the last first": [aborts, 1000, 16_000],
  "read() that waits and is aborted, one signal for all": [together, 1000, 16_000],
  "record that an earlier owner had received": [unread, 5000, 80_000],
  "record of a batch": [batches, 10_000, 160_000],
};
