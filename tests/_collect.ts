import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { delay, runtime } from "./_support.ts";

/** Collects all garbage now, if this runtime can be made to. */
export const collect: (() => void) | undefined = (() => {
  if (runtime === "bun") {
    return () => (globalThis as unknown as { Bun: { gc(force: boolean): void } }).Bun.gc(true);
  }
  try {
    setFlagsFromString("--expose-gc");
    return runInNewContext("gc") as () => void;
  } catch {
    return undefined;
  }
})();

/** Why a test that needs it is skipped, or false. */
export const noCollector: string | false = collect === undefined && "this runtime cannot be made to collect garbage";

/** Collects garbage until `done` says that what was to be found is found, at most for some seconds. */
export async function collectUntil(done: () => boolean): Promise<void> {
  for (let round = 0; round < 300 && !done(); round += 1) {
    collect!();
    await delay(10);
  }
}
