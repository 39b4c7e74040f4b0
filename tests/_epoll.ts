/** For tests: what epoll has been asked to watch, as /proc tells it. */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { assert, delay } from "./_support.ts";
import { numberOf } from "./_waiting.ts";

const MASKS = { read: 0x1, write: 0x4 };

/** Whether an epoll instance of this process watches a descriptor for that. */
function isWatched(fd: number, mask: number): boolean {
  return readdirSync("/proc/self/fd").some((number) => {
    try {
      if (!readlinkSync(`/proc/self/fd/${number}`).includes("[eventpoll]")) return false;
      const lines = readFileSync(`/proc/self/fdinfo/${number}`, "utf8").matchAll(
        /^tfd:\s*(\d+) events:\s*([0-9a-f]+)/gm,
      );
      return [...lines].some(([, target, events]) => Number(target) === fd && (parseInt(events!, 16) & mask) !== 0);
    } catch {
      // The descriptor of the listing itself.
      return false;
    }
  });
}

/** Waits until epoll watches an end for what its read or its write waits for. Fails after some two seconds without it. */
export async function watched(end: object, direction: "read" | "write"): Promise<void> {
  const fd = numberOf(end);
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (isWatched(fd, MASKS[direction])) return;
    await delay(attempt < 20 ? 0 : 5);
  }
  assert.fail(`epoll does not watch descriptor ${fd} for a ${direction}`);
}
