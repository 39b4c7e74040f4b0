/**
 * Random programs on an end, and what they were told against what a Python process saw at the other.
 *
 *   <runtime> tests/stress/differential/run.ts [count | --seconds N] [seed]
 */

import process from "node:process";
import "../model/warm_up.ts";
import { python } from "./kernel.ts";
import { play } from "./program.ts";

const given = process.argv.slice(2);
const seconds = given[0] === "--seconds" ? Number(given.splice(0, 2)[1]) : Infinity;
const count = seconds === Infinity ? Number(given.shift() ?? 1000) : Infinity;
const first = Number(given[0] ?? Date.now() % 2 ** 31);
const faults: string[] = [];
for (const event of ["unhandledRejection", "uncaughtException"]) {
  process.on(event, (reason: Error) => void faults.push(`${event}: ${reason?.stack}`));
}

let [seed, failed] = [first, 0];
const begin = performance.now();
for (; seed - first < count && performance.now() - begin < seconds * 1000; seed += 1) {
  const log: string[] = [];
  faults.push(...await play(seed, log));
  if (faults.length === 0) continue;
  failed += 1;
  console.log([`seed ${seed}`, ...log.slice(-100), ...faults.splice(0), ""].join("\n"));
}
console.log(
  `${seed - first} programs from seed ${first}, ${failed} failed, ${Math.round(performance.now() - begin)} ms`,
);
python.kill();
process.exitCode = failed === 0 ? 0 : 1;
