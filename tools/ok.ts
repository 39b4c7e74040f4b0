/** Everything that must hold before a change is accepted: `deno task ok`. */

import { run, summarize } from "./_steps.ts";

summarize(
  await run([
    ["format", ["deno", "fmt", "--check"]],
    ["lint", ["deno", "lint"]],
    ["types (deno)", ["deno", "check"]],
    ["types (tsc, Bun and Node)", ["node", "node_modules/typescript/bin/tsc", "-p", "."]],
    ["versions", ["deno", "run", "-A", "tools/version.ts"]],
    ["package", ["node", "tools/build.ts"]],
    ["types (of the package, for its users)", ["deno", "run", "-A", "tools/types.ts"]],
    ["documentation", ["deno", "doc", "--lint", "mod.ts", "process/mod.ts", "ffi/mod.ts"]],
    ["publishing (dry run)", ["deno", "publish", "--dry-run", "--allow-dirty", "--no-check"]],
    ["tests", ["deno", "task", "test"]],
  ]),
);
