/**
 * A Web Worker, as Deno and Bun have it. It runs on while it listens for messages, so this thread ends it once it has read its EOF;
 * and it tells of a failure by `onerror` only.
 *
 *   deno run --allow-ffi --allow-read examples/recipes/web_worker.ts
 *   bun examples/recipes/web_worker.ts
 */

import { isMainThread } from "node:worker_threads";
import { SocketEnd, socketpair, type TransferToken } from "@socketpair/streams";

/** In the Worker: answers each record with its length. */
async function work(token: TransferToken): Promise<void> {
  await using end = SocketEnd.from(token);
  for await (const record of end.readable) await end.write(new Uint8Array([record.byteLength]));
}

function hire(): { end: SocketEnd; worker: Worker } {
  const [end, theirs] = socketpair({ type: "seqpacket" });
  const token = theirs.transfer();
  const worker = new Worker(import.meta.url, { type: "module" });
  worker.onerror = ({ message }) => {
    SocketEnd.revoke(token); // no effect if the Worker has had it
    end.close(new Error(message)).catch(() => {});
  };
  worker.postMessage(token);
  return { end, worker };
}

// Bun says the one in a Web Worker, Deno the other.
if (isMainThread && !("WorkerGlobalScope" in globalThis)) {
  const { end, worker } = hire();
  for (const size of [3, 5, 7]) await end.write(new Uint8Array(size));
  await end.closeWrite();
  for await (const answer of end.readable) console.log(answer[0]); // 3, 5, 7
  worker.terminate();
} else addEventListener("message", (event) => void work((event as MessageEvent<TransferToken>).data));
