/** For tests: what a process has open and how many threads, as numbers. */

import { readdirSync, readlinkSync } from "node:fs";
import { assert, delay } from "../_support.ts";
import { hire } from "./_hire.ts";

/** How many descriptors of each kind that the module opens. */
export function descriptors(): Record<string, number> {
  const counts: Record<string, number> = { socket: 0, eventfd: 0, eventpoll: 0 };
  for (const fd of readdirSync("/proc/self/fd")) {
    let target = "";
    try {
      target = readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The descriptor of the listing itself.
    }
    const kind = /socket|eventfd|eventpoll/.exec(target)?.[0];
    if (kind !== undefined) counts[kind]! += 1;
  }
  return counts;
}

/** Waits until a measure has come back to what it was, at most three seconds, and gives it. */
export async function settles<T>(measure: () => T, isBack: (value: T) => boolean): Promise<T> {
  for (let attempt = 0; attempt < 60 && !isBack(measure()); attempt += 1) await delay(50);
  return measure();
}

/** Runs and ends workers that know nothing of the module, so that what a runtime keeps for workers is there already. */
export async function warmUpWorkers(count = 2): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const worker = hire("worker_threads", "blank.ts");
    await worker.message();
    await worker.ended;
  }
}

/**
 * Runs a test that starts workers: afterwards there are as many descriptors as before. Not the same ones: Deno keeps
 * those of the worker that ended last, whatever it did.
 */
export async function leavesNothing(body: () => Promise<void>): Promise<void> {
  await warmUpWorkers();
  const before = descriptors();
  await body();
  const kinds = Object.keys(before);
  const after = await settles(descriptors, (now) => kinds.every((kind) => now[kind]! <= before[kind]!));
  for (const kind of kinds) {
    assert.ok(after[kind]! <= before[kind]!, `${kind}: ${before[kind]} before, ${after[kind]} after`);
  }
}
