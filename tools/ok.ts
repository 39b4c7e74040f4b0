/** Everything that must hold before a change is accepted: `deno task ok`. */

import { run, summarize } from "./_steps.ts";

summarize(
  await run([
    ["format", ["deno", "fmt", "--check"]],
    ["lint", ["deno", "lint"]],
    ["types (deno)", ["deno", "check"]],
    ["types (tsc, Bun and Node)", ["tsc", "-p", "."]],
    ["runtime types", ["tsc", "-p", "tools/runtime_types"]],
    ["documentation", ["deno", "doc", "--lint", "mod.ts", "ffi/mod.ts"]],
    ["publishing (dry run)", ["deno", "publish", "--dry-run", "--allow-dirty", "--no-check"]],
    ["tests", ["deno", "task", "test"]],
  ]),
);
