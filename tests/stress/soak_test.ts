/**
 * A short run of the soak. A full one:
 *
 *   <runtime> tests/stress/soak/soak.ts 600 [seed]
 */

import { assert, runScript, test } from "../_support.ts";

test("socketpair() 200 pairs between processes and workers lose nothing and leave nothing open", async () => {
  const { code, stdout, stderr } = await runScript("tests/stress/soak/soak.ts", ["2", "2026"], { timeout: 50_000 });
  assert.equal(code, 0, stdout + stderr);
}, { timeout: 60_000 });
