/**
 * A Worker that dies. No code of it runs then, and its end stays open: this end would wait for ever. So the main thread, which
 * learns of the death, closes its own end, and the other if it was still on its way.
 *
 *   deno run --allow-ffi --allow-read examples/recipes/worker_dies.ts
 *   bun examples/recipes/worker_dies.ts
 *   node examples/recipes/worker_dies.ts
 */

import { isMainThread, Worker, workerData } from "node:worker_threads";
import process from "node:process";
import { SocketEnd, socketpair, type TransferToken } from "@socketpair/streams";

/** In the Worker: answers each record, and dies of the third. */
async function work(end: SocketEnd): Promise<void> {
  for await (const record of end.readable) {
    if (record.byteLength === 3) process.exit(3);
    await end.write(new Uint8Array([record.byteLength]));
  }
  await end.close();
}

function hire() {
  const [end, theirs] = socketpair({ type: "seqpacket" });
  const token = theirs.transfer();
  const worker = new Worker(new URL(import.meta.url), { workerData: token });
  const gone = new Promise<string>((resolve) => {
    worker.on("error", ({ message }: Error) => resolve(message)); // without a listener it would be uncaught here, too
    worker.on("exit", (code) => {
      resolve(`it exited with ${code}`);
      SocketEnd.revoke(token); // no effect if the Worker has had it
      if (code === 0) end.closeRead(); // what it has answered is still read
      else end.close(new Error("the Worker is gone")).catch(() => {});
    });
  });
  return { end, gone };
}

if (isMainThread) {
  const { end, gone } = hire();
  const buffer = new Uint8Array(1);
  for (const size of [1, 2, 3]) {
    await end.write(new Uint8Array(size));
    const count = await end.read(buffer).catch(() => null);
    console.log(count === null ? await gone : `a record of ${buffer[0]} bytes`);
  }
  await end.close().catch(() => {});
} else await work(SocketEnd.from(workerData as TransferToken));
