/**
 * Two Workers exchange records: each has one end of a pair. The one that is slower sets the pace, because at most as much as
 * the kernel buffers is under way.
 *
 *   deno run --allow-ffi --allow-read examples/handover/workers.ts
 *   bun examples/handover/workers.ts
 *   node examples/handover/workers.ts
 */

import process from "node:process";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { SocketEnd, socketpair, type TransferToken } from "@socketpair/streams";

const COUNT = 200;

/** In one Worker: asks as fast as it can. */
async function ask(end: SocketEnd): Promise<string> {
  const writer = end.writable.getWriter();
  let [written, atFirstAnswer, answers] = [0, 0, 0];
  const asking = (async () => {
    for (; written < COUNT; written += 1) await writer.write(new Uint8Array(32_768).fill(written));
    await writer.close();
  })();
  for await (const _ of end.readable) if (++answers === 1) atFirstAnswer = written;
  await asking;
  return `${answers} answers; ${atFirstAnswer < COUNT / 2 ? "few" : "too many"} questions were waiting at the first`;
}

/** In the other: takes its time, and answers each record with its sum. */
async function answer(end: SocketEnd): Promise<string> {
  const writer = end.writable.getWriter();
  for await (const record of end.readable) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await writer.write(new Uint32Array([record.reduce((sum, byte) => sum + byte, 0)]));
  }
  await writer.close();
  return "no more questions";
}

if (isMainThread) {
  const ends = socketpair({ type: "seqpacket" });
  for (const [index, role] of ["ask", "answer"].entries()) {
    const worker = new Worker(new URL(import.meta.url), { workerData: { role, token: ends[index]!.transfer() } });
    worker.on("exit", (code) => code !== 0 && process.exit(code)); // or the other one would wait for ever
  }
} else {
  const { role, token } = workerData as { role: string; token: TransferToken };
  await using end = SocketEnd.from(token);
  console.log(`${role}: ${await (role === "ask" ? ask(end) : answer(end))}`);
}
