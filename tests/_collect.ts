import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

interface Bun {
  gc(force: boolean): void;
}

const { Bun: bun } = globalThis as unknown as { Bun?: Bun };

function collector(): () => void {
  if (bun !== undefined) return () => bun.gc(true);
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

/** Collects garbage until `done` says that what was to be found is found, at most for some seconds. */
export async function collectUntil(done: () => boolean): Promise<void> {
  const collect = collector();
  for (let round = 0; round < 300 && !done(); round += 1) {
    collect();
    await delay(10);
  }
}
