/** For tests: has the garbage collector run, in any runtime. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { delay, runtime } from "../_support.ts";

function collectorOfV8(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

function collectorOfBun(): () => void {
  const { Bun } = globalThis as unknown as { Bun: { gc(synchronous: boolean): void } };
  return () => Bun.gc(true);
}

const collect = runtime === "bun" ? collectorOfBun() : collectorOfV8();

/** Collects, and lets finalizers run, until something is so; at most three seconds. */
export async function collectUntil(isSo: () => boolean): Promise<boolean> {
  for (let attempt = 0; attempt < 100 && !isSo(); attempt += 1) {
    collect();
    await delay(30);
  }
  return isSo();
}
