/**
 * Runs the test suite: the same files under every runtime.
 *
 *   deno run -A tools/test.ts [deno|bun|node ...] [file ...]
 */

import { run, summarize } from "./_steps.ts";

const RUNTIMES: Record<string, string[]> = {
  deno: ["deno", "test", "-A", "--no-check"],
  bun: ["bun", "test", "--timeout", "120000"],
  node: ["node", "--test", "--disable-warning=ExperimentalWarning"],
};

/** Needs JSR: `deno task test:std` runs it. */
const ELSEWHERE = new Set(["std_streams_test.ts"]);

function allTests(): string[] {
  return [...Deno.readDirSync("tests")].map(({ name }) => name)
    .filter((name) => name.endsWith("_test.ts") && !ELSEWHERE.has(name)).sort()
    .map((name) => `./tests/${name}`);
}

const runtimes = Deno.args.filter((arg) => arg in RUNTIMES);
const files = Deno.args.filter((arg) => !(arg in RUNTIMES));
const steps: [string, string[]][] = (runtimes.length > 0 ? runtimes : Object.keys(RUNTIMES)).map((runtime) => [
  `tests on ${runtime}`,
  [...RUNTIMES[runtime]!, ...(files.length > 0 ? files : allTests())],
]);
console.log("tests/std_streams_test.ts is left out: it needs @std/streams from JSR (deno task test:std)");
summarize(await run(steps));
