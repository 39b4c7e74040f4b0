/** No cost grows with a queue: the last of many that wait costs what the first does. */

import { assert, test } from "../_support.ts";
import { cost, TASKS } from "./_queues.ts";

for (const [name, [task, few, many]] of Object.entries(TASKS)) {
  test(`each ${name} costs at most three times as much among ${many} as among ${few}`, async () => {
    await task(few);
    let [little, much] = [0, Infinity];
    // Another program may have the processor just when there are many.
    for (let attempt = 0; attempt < 4 && much > 3 * little; attempt += 1) {
      [little, much] = [await cost(task, few), await cost(task, many)];
    }
    assert.ok(much <= 3 * little, `${much.toFixed(2)} us among ${many}, ${little.toFixed(2)} us among ${few}`);
  }, { timeout: 120_000 });
}
