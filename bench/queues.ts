/**
 * What one of many costs that wait in a queue: `deno run -A bench/queues.ts`, `bun bench/queues.ts`, `node bench/queues.ts`. Prints a
 * row of a table for each queue: microseconds for each among few, among many, and the ratio. 1 means that a queue costs nothing by
 * its length.
 */

import { cost, TASKS } from "../tests/streams/_queues.ts";
import { RUNNING } from "./launch.ts";

for (const [name, [task, few, many]] of Object.entries(TASKS)) {
  await task(few);
  const [little, much] = [await cost(task, few), await cost(task, many)];
  const ratio = (much / little).toFixed(2);
  console.log(`| ${RUNNING} | ${name} | ${few} | ${little.toFixed(2)} | ${many} | ${much.toFixed(2)} | ${ratio} |`);
}
