/**
 * A pool of Workers behind one end: each has a duplicate of it, and the kernel gives every record to exactly one of them,
 * whichever asks first.
 *
 *   deno run --allow-ffi --allow-read examples/handover/pool.ts
 *   bun examples/handover/pool.ts
 *   node examples/handover/pool.ts
 */

import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { SocketEnd, socketpair, type TransferToken } from "@socketpair/streams";

const WORKERS = 4;
const TASKS = 1000;

async function main(): Promise<void> {
  const [tasks, shared] = socketpair({ type: "seqpacket" });
  const done: number[] = [];
  const ended = Array.from({ length: WORKERS }, () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: shared.duplicate().transfer() });
    worker.on("message", (task: number) => done.push(task));
    worker.on("error", (error) => tasks.close(error).catch(() => {})); // what it had taken is lost
    return new Promise((resolve) => worker.once("exit", resolve));
  });
  const writer = tasks.writable.getWriter();
  for (let task = 0; task < TASKS; task += 1) await writer.write(new Uint32Array([task]));
  await writer.close(); // every Worker reads to the end
  await Promise.all(ended);
  await Promise.all([tasks.close(), shared.close()]);
  console.log(`${done.length} tasks done, ${new Set(done).size} different ones, by ${WORKERS} Workers`);
}

if (isMainThread) await main();
else {
  await using end = SocketEnd.from(workerData as TransferToken);
  for await (const record of end.readable) parentPort!.postMessage(new Uint32Array(record.buffer)[0]);
}
