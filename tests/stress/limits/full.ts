/**
 * Runs out of descriptors in the midst of work. Argument: RLIMIT_NOFILE. Prints how many records went through meanwhile, and
 * what new pairs failed with.
 */

import { deepEqual, equal } from "node:assert/strict";
import { closeSync } from "node:fs";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { SocketEnd, type SocketPair, socketpair } from "../../../mod.ts";
import { fillUp, openNumbers } from "../faults/_raw.ts";

const limit = Number(process.argv[2]);

/** An end that waits by the kernel's word, and its peer, which sends everything back. */
function echoing(type: "stream" | "seqpacket" | "dgram"): SocketEnd {
  const [left, right] = socketpair({ type });
  void right.readable.pipeTo(right.writable).catch(() => {});
  return SocketEnd.from(left.detach().fd);
}

const ends = [echoing("stream"), echoing("seqpacket"), echoing("dgram"), echoing("seqpacket")];
const streams = ends.map((end) => ({ writer: end.writable.getWriter(), reader: end.readable.getReader() }));
let records = 0;

/** So many records there and back, on all of them. */
async function work(count: number): Promise<void> {
  await Promise.all(streams.map(async ({ writer, reader }) => {
    for (let number = 0; number < count; number += 1) {
      await writer.write(new Uint8Array([number, records]));
      equal((await reader.read()).value!.length, 2);
      records += 1;
      // Everybody parks.
      await delay(1);
    }
  }));
}

function attempt(): string {
  try {
    const pair: SocketPair = socketpair();
    pair[Symbol.dispose]();
    return "nothing";
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

// Everything is loaded before descriptors run out. Deno opens what it needs for signals once, at some moment of its own, and
// panics if it cannot.
process.on("SIGWINCH", () => {});
await work(20);
equal(attempt(), "nothing");
openNumbers(1);
const filling = fillUp();
// One is left, too few for a pair: a runtime may open a file at any time.
closeSync(filling.pop()!);
const before = openNumbers(limit);
records = 0;
const working = work(50);
const failures = new Set<string>();
for (let time = 0; time < 20; time += 1) {
  failures.add(attempt());
  await delay(2);
}
await working;
deepEqual(openNumbers(limit), before);
for (const fd of filling) closeSync(fd);
equal(attempt(), "nothing");
await work(20);
console.log(`${records} records, new pairs fail with ${[...failures].join()}, and then with ${attempt()}`);
process.exit(0);
