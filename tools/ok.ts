/** Everything that must hold before a change is accepted: `deno task ok`. Two things at a time, the tests last. */

import { run, summarize } from "./_steps.ts";
import { ELSEWHERE, testSteps } from "./_tests.ts";

console.log(`${ELSEWHERE} is left out: it needs @std/streams from JSR (deno task test:std)`);
summarize([
  // What follows has the package by its name.
  ...await run([["package", ["node", "tools/build.ts"]]]),
  ...await run([
    ["format", ["deno", "fmt", "--check"]],
    ["lint", ["deno", "lint"]],
    ["types (deno)", ["deno", "check"]],
    ["types (tsc, Bun and Node)", ["node", "node_modules/typescript/bin/tsc", "-p", "."]],
    ["runtime types", ["node", "node_modules/typescript/bin/tsc", "-p", "tools/runtime_types"]],
    ["types (of the package, for its users)", ["deno", "run", "-A", "tools/types.ts"]],
    ["documentation", ["deno", "doc", "--lint", "mod.ts", "process/mod.ts", "unix/mod.ts", "ffi/mod.ts"]],
    ["publishing (dry run)", ["deno", "publish", "--dry-run", "--allow-dirty", "--no-check"]],
    ...testSteps(),
  ], 2),
]);
