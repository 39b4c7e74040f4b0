/**
 * Writes to a reader that has stopped for good. Arguments: the kind of pair, and whether a pipe writes or a loop that awaits
 * every write. Prints how many MiB were taken from the source, and by how many this process has grown.
 */

import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { type AnyEnd, socketpair } from "../../../mod.ts";

const CHUNK = 64 * 1024;
const [kind, how] = process.argv.slice(2);

/** An end of each kind, whose peer reads once and never again. */
function stopped(): AnyEnd {
  switch (kind) {
    case "framed":
      return stopping(socketpair({ framing: "uint32le" }));
    case "batches":
      return stopping(socketpair({ framing: "uint32le", chunks: "batches" }));
    case "ancillary":
      return stopping(socketpair({ type: "seqpacket", chunks: "messages" }));
    default:
      return stopping(socketpair({ type: kind as "stream" | "seqpacket" | "dgram" }));
  }
}

const kept: AnyEnd[] = [];

function stopping([left, right]: readonly [AnyEnd, AnyEnd]): AnyEnd {
  kept.push(left, right);
  void right.readable.getReader().read();
  return left;
}

let taken = 0;

function chunk(): unknown {
  taken += CHUNK;
  const data = new Uint8Array(CHUNK).fill(1);
  return kind === "ancillary" ? { data } : kind === "batches" ? [data] : data;
}

const writable = stopped().writable as WritableStream<unknown>;
await delay(50);
const before = process.memoryUsage().rss;
if (how === "pipe") {
  void new ReadableStream({ pull: (controller) => controller.enqueue(chunk()) }).pipeTo(writable);
} else {
  const writer = writable.getWriter();
  void (async () => {
    for (;;) await writer.write(chunk());
  })();
}
// In that time a gigabyte could be made.
await delay(400);
const grown = process.memoryUsage().rss - before;
console.log(JSON.stringify({ taken: taken / 2 ** 20, grown: grown / 2 ** 20 }));
process.exit(0);
