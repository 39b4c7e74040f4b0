/**
 * Runs the test suite: the same files under every runtime, two of them side by side.
 *
 *   deno run -A tools/test.ts [deno|bun|node ...] [file or folder ...]
 */

import { run, summarize } from "./_steps.ts";
import { ELSEWHERE, testSteps } from "./_tests.ts";

console.log(`${ELSEWHERE} is left out: it needs @std/streams from JSR (deno task test:std)`);
summarize([
  // Examples and snippets have the package by its name.
  ...await run([["package", ["node", "tools/build.ts", "--if-changed"]]]),
  ...await run(testSteps(Deno.args), 2),
]);
