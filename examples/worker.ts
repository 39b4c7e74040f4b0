/**
 * The other end can be in a Worker: a token stands for it on the way.
 *
 *   deno run --allow-ffi --allow-read examples/worker.ts
 *   bun examples/worker.ts
 *   node examples/worker.ts
 */

import { isMainThread, Worker, workerData } from "node:worker_threads";
import { SocketEnd, socketpair, type TransferToken } from "@socketpair/streams";

/** In the Worker: answers every record in capitals, and ends when there are no more. */
async function echo(token: TransferToken): Promise<void> {
  await using end = SocketEnd.from(token);
  const writer = end.writable.getWriter();
  for await (const record of end.readable) {
    const text = new TextDecoder().decode(record);
    await writer.write(new TextEncoder().encode(text.toUpperCase()));
  }
  await writer.close();
}

async function main(): Promise<void> {
  const [ours, theirs] = socketpair({ type: "seqpacket" });
  const worker = new Worker(new URL(import.meta.url), { workerData: theirs.transfer() });
  const gone = new Promise((resolve, reject) => worker.once("exit", resolve).once("error", reject));
  // A Worker that dies closes nothing: this end would wait for ever.
  gone.catch((error) => ours.close(error)).catch(() => {});

  const writer = ours.writable.getWriter();
  for (const text of ["to", "a", "worker"]) await writer.write(new TextEncoder().encode(text));
  await writer.close();
  for await (const record of ours.readable) console.log(new TextDecoder().decode(record));
  await gone;
}

if (isMainThread) await main();
else await echo(workerData as TransferToken);
