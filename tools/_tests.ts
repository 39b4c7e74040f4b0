/** The test suite as steps: the same files under every runtime. */

import type { Counts, Step } from "./_steps.ts";

/** How a runtime runs test files, and what it says in the end. */
interface Runner {
  readonly command: readonly string[];
  /** How many steps it takes, unless files are named: the last runtime fills both lanes to the end. */
  readonly parts: number;
  readonly says: Readonly<Record<keyof Counts, RegExp>>;
}

/** The children of the tests take the module's code from there: without it each takes 300 ms of work longer to start. */
const NODE_CACHE = new URL("../node_modules/.cache/node", import.meta.url).pathname;

/** Those that take longest come first. All files of a step share one process. */
const RUNNERS: Record<string, Runner> = {
  node: {
    command: [
      ...["env", `NODE_COMPILE_CACHE=${NODE_CACHE}`],
      "node",
      "--test",
      "--test-isolation=none",
      "--test-reporter=spec",
      "--disable-warning=ExperimentalWarning",
    ],
    parts: 1,
    says: { passed: /^ℹ pass (\d+)$/gm, failed: /^ℹ fail (\d+)$/gm, skipped: /^ℹ skipped (\d+)$/gm },
  },
  deno: {
    command: ["deno", "test", "-A", "--no-check"],
    parts: 1,
    says: { passed: / \| (\d+) passed/g, failed: / \| (\d+) failed/g, skipped: / \| (\d+) ignored/g },
  },
  bun: {
    command: ["bun", "test", "--timeout", "120000"],
    parts: 3,
    says: { passed: /^ (\d+) pass$/gm, failed: /^ (\d+) fail$/gm, skipped: /^ (\d+) skip$/gm },
  },
};

/** Needs JSR: `deno task test:std` runs it. */
export const ELSEWHERE = "./tests/streams/std_streams_test.ts";

function* testsIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* testsIn(path);
    else if (name.endsWith("_test.ts") && path !== ELSEWHERE) yield path;
  }
}

/** What a runner has counted: the last number that it says of each. */
function counted(says: Runner["says"], output: string): Counts | undefined {
  // deno-lint-ignore no-control-regex
  const plain = output.replaceAll(/\x1b\[[\d;]*m/g, "");
  const last = (pattern: RegExp): number | undefined => {
    const found = [...plain.matchAll(pattern)].at(-1)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const passed = last(says.passed);
  if (passed === undefined) return undefined;
  return { passed, failed: last(says.failed) ?? 0, skipped: last(says.skipped) ?? 0 };
}

/** The runs that these arguments ask for: names of runtimes, files and folders; without any, everything. */
export function testSteps(args: readonly string[] = []): Step[] {
  const given = args.filter((arg) => !(arg in RUNNERS));
  const files = given.length > 0
    ? given.flatMap((path) => path.endsWith(".ts") ? [path] : [...testsIn(path.replace(/\/$/, ""))])
    : [...testsIn("./tests")];
  const named = Object.keys(RUNNERS).filter((name) => args.includes(name));
  return (named.length > 0 ? named : Object.keys(RUNNERS)).flatMap((name) => {
    const { command, says, parts: most } = RUNNERS[name]!;
    const parts = given.length > 0 ? 1 : most;
    return Array.from({ length: parts }, (_, part): Step => [
      `tests on ${name}${parts > 1 ? `, ${part + 1} of ${parts}` : ""}`,
      [...command, ...files.filter((_, index) => index % parts === part)],
      (output) => counted(says, output),
    ]);
  });
}
