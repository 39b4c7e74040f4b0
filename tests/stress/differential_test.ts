/**
 * What an end is told, against what a process in Python sees at the other end of the kernel. For longer, and from another seed:
 *
 *   <runtime> tests/stress/differential/run.ts --seconds 600 [seed]
 */

import { assert, runScript, test } from "../_support.ts";

test("an end is told what the kernel has done, in random programs against a process in Python", async () => {
  const { code, stdout, stderr } = await runScript("tests/stress/differential/run.ts", ["--seconds", "3", "1"], {
    timeout: 60_000,
  });
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /^[1-9]\d* programs from seed 1, 0 failed/m);
}, { timeout: 90_000 });
