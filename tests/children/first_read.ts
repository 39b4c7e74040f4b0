/** Makes one first wait between two ends of this thread, and prints what that has opened and started. */

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { socketpair, type SocketPairOptions } from "../../mod.ts";
import { descriptors } from "./_census.ts";

const BYTES = new Uint8Array(3);

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** The threads, without those that the engine starts for itself whenever it likes. */
function threads(): number {
  return readdirSync("/proc/self/task").filter((task) => {
    const name = readFileSync(`/proc/self/task/${task}/comm`, "utf8");
    return !/^(HeapHelper|JITWorker|.*ollector Thread|V8|DefaultWorker)/i.test(name);
  }).length;
}

/** A read that waits, and the write that comes some turns of the event loop later. */
async function calls(turns: number): Promise<void> {
  const [left, right] = socketpair();
  const reading = right.read(new Uint8Array(3));
  for (let turn = 0; turn < turns; turn += 1) await nextTurn();
  await left.write(BYTES);
  await reading;
}

async function streams(options: SocketPairOptions): Promise<void> {
  const [left, right] = socketpair(options);
  const reading = right.readable.getReader().read();
  await left.writable.getWriter().write(BYTES as never);
  await reading;
}

const ways: Record<string, () => Promise<unknown>> = {
  calls: () => calls(0),
  later: () => calls(2),
  stream: () => streams({}),
  records: () => streams({ type: "seqpacket" }),
  framed: () => streams({ framing: "uint32le" }),
  async write() {
    const [left, right] = socketpair({ sendBufferSize: 65536 });
    const size = 200_000;
    const writing = left.write(new Uint8Array(size));
    for (let read = 0; read < size;) read += (await right.read(new Uint8Array(65536)))!;
    await writing;
  },
};

const before = { descriptors: descriptors(), threads: threads() };
await ways[process.argv[2]!]!();
const after = { descriptors: descriptors(), threads: threads() };
console.log(JSON.stringify({
  eventpoll: after.descriptors["eventpoll"]! - before.descriptors["eventpoll"]!,
  eventfd: after.descriptors["eventfd"]! - before.descriptors["eventfd"]!,
  threads: after.threads - before.threads,
}));
process.exit(0);
