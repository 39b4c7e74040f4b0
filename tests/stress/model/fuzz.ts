/**
 * Runs random programs against the model, and makes the first one that goes wrong as small as it can.
 *
 *   <runtime> tests/stress/model/fuzz.ts [programs] [seed] [path]
 */

import process from "node:process";
import fc from "fast-check";
import "./warm_up.ts";
import { programs } from "./program.ts";
import { run } from "./run.ts";

/** What came of it. */
export interface Outcome {
  readonly seed: number;
  readonly programs: number;
  /** Reads, writes and closes that settled. */
  readonly events: number;
  readonly seconds: number;
  /** What went wrong: the smallest program, and how to run it again. */
  readonly failure: string | undefined;
}

/** Which of the programs, and for how long at most. */
interface Limits {
  /** Where to begin: what a failure has printed. */
  readonly path?: string;
  readonly seconds?: number;
}

/** Runs `count` programs. */
export async function fuzz(count: number, seed: number, { path, seconds }: Limits = {}): Promise<Outcome> {
  const begin = performance.now();
  let events = 0;
  const property = fc.asyncProperty(programs, async (program) => {
    events += await run(program);
  });
  const details = await fc.check(property, {
    numRuns: count,
    seed,
    ...(path === undefined ? {} : { path }),
    ...(seconds === undefined ? {} : { interruptAfterTimeLimit: seconds * 1000 }),
  });
  return {
    seed,
    programs: details.numRuns,
    events,
    seconds: (performance.now() - begin) / 1000,
    failure: details.failed ? `${fc.defaultReportMessage(details)}\n${details.errorInstance}` : undefined,
  };
}

if (process.argv[1]?.endsWith("fuzz.ts")) {
  const [count = "10000", seed = String(Date.now() % 2 ** 31), path] = process.argv.slice(2);
  console.log(`seed ${seed}`);
  const { failure, ...figures } = await fuzz(Number(count), Number(seed), path === undefined ? {} : { path });
  console.log(failure ?? JSON.stringify(figures));
  process.exitCode = failure === undefined ? 0 : 1;
}
