/**
 * Runs the test suite: the same files under every runtime.
 *
 *   deno run -A tools/test.ts [deno|bun|node ...] [file or folder ...]
 */

import { run, summarize } from "./_steps.ts";

const RUNTIMES: Record<string, string[]> = {
  deno: ["deno", "test", "-A", "--no-check"],
  bun: ["bun", "test", "--timeout", "120000"],
  node: ["node", "--test", "--disable-warning=ExperimentalWarning"],
};

/** Needs JSR: `deno task test:std` runs it. */
const ELSEWHERE = "./tests/streams/std_streams_test.ts";

function* testsIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* testsIn(path);
    else if (name.endsWith("_test.ts") && path !== ELSEWHERE) yield path;
  }
}

const given = Deno.args.filter((arg) => !(arg in RUNTIMES));
const files = given.length > 0
  ? given.flatMap((path) => path.endsWith(".ts") ? [path] : [...testsIn(path.replace(/\/$/, ""))])
  : [...testsIn("./tests")];
const runtimes = Object.keys(RUNTIMES).filter((name) => Deno.args.includes(name));
console.log(`${ELSEWHERE} is left out: it needs @std/streams from JSR (deno task test:std)`);
summarize(
  await run([
    // Examples and snippets have the package by its name.
    ["package", ["node", "tools/build.ts", "--if-changed"]],
    ...(runtimes.length > 0 ? runtimes : Object.keys(RUNTIMES)).map((name): [string, string[]] => [
      `tests on ${name}`,
      [...RUNTIMES[name]!, ...files],
    ]),
  ]),
);
