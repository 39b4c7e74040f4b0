/**
 * A pool of Workers for small jobs: framed batches between threads, each Worker with a pair of its own.
 *
 *   deno run --allow-ffi --allow-read examples/recipes/worker_pool.ts
 *   bun examples/recipes/worker_pool.ts
 *   node examples/recipes/worker_pool.ts
 */

import { isMainThread, Worker, workerData } from "node:worker_threads";
import { SocketEnd, socketpair, type TransferToken } from "@socketpair/streams";

const OPTIONS = { chunks: "batches", framing: "uint32le" } as const;

/** In a Worker: answers each number with its square, a batch for a batch. */
async function work(token: TransferToken<"batches">): Promise<void> {
  await using end = SocketEnd.from(token);
  const writer = end.writable.getWriter();
  for await (const jobs of end.readable) {
    await writer.write(jobs.map((job) => {
      const number = new DataView(job.buffer, job.byteOffset).getUint32(0);
      const answer = new DataView(new ArrayBuffer(8));
      answer.setBigUint64(0, BigInt(number) ** 2n);
      return answer;
    }));
  }
  await writer.close();
}

/** One Worker's share of the numbers below 10,000: the sum of their squares. */
async function share(first: number, step: number): Promise<bigint> {
  const [ours, theirs] = socketpair(OPTIONS);
  const token = theirs.transfer();
  const worker = new Worker(new URL(import.meta.url), { workerData: token });
  worker.on("error", (error) => ours.close(error).catch(() => {})); // nothing else ends the loop below,
  worker.on("exit", () => (SocketEnd.revoke(token), ours.closeRead())); // nor this, if it has not finished
  const writer = ours.writable.getWriter();
  const jobs = [];
  for (let number = first; number < 10_000; number += step) jobs.push(new Uint8Array([0, 0, number >> 8, number]));
  writer.write(jobs).then(() => writer.close()).catch(() => {}); // the loop below is told, too
  const answers = (await Array.fromAsync(ours.readable)).flat();
  if (answers.length < jobs.length) throw new Error("the Worker is gone");
  return answers.reduce((sum, it) => sum + new DataView(it.buffer, it.byteOffset).getBigUint64(0), 0n);
}

if (isMainThread) {
  const shares = await Promise.all([share(0, 2), share(1, 2)]);
  console.log(`the sum of the squares of all numbers below 10,000: ${shares[0]! + shares[1]!}`);
} else await work(workerData as TransferToken<"batches">);
