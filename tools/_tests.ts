/** The test suite as steps: the same files under every runtime. */

import type { Counts, Runner, Step } from "./_steps.ts";

/** How a runtime runs test files, and what it says of them. */
interface Runtime {
  readonly command: readonly string[];
  /** How many steps it takes, unless files are named: the last runtime fills both lanes to the end. */
  readonly parts: number;
  readonly says: Readonly<Record<keyof Counts, RegExp>>;
  /** The name of each test that failed. */
  readonly failure: RegExp;
  /** What it says of why they failed: the end of its output, or a block per test. */
  readonly account: RegExp;
  /** The option that runs the tests only whose name matches an expression, and how that is written. */
  readonly only: (expression: string) => readonly string[];
}

/** The children of the tests take the module's code from there: without it each takes 300 ms of work longer to start. */
const NODE_CACHE = new URL("../node_modules/.cache/node", import.meta.url).pathname;

/** Those that take longest come first. All files of a step share one process. */
const RUNTIMES: Record<string, Runtime> = {
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
    failure: /^✖ (?!failing tests:)(.+) \([\d.]+ms\)$/gm,
    account: /^✖ failing tests:[^]*/gm,
    only: (expression) => ["--test-name-pattern", expression],
    says: { passed: /^ℹ pass (\d+)$/gm, failed: /^ℹ fail (\d+)$/gm, skipped: /^ℹ skipped (\d+)$/gm },
  },
  deno: {
    command: ["deno", "test", "-A", "--no-check"],
    parts: 1,
    failure: /^(.+) \.\.\. FAILED \(.+\)$/gm,
    account: /^ ERRORS [^]*/gm,
    only: (expression) => ["--filter", `/${expression}/`],
    says: { passed: / \| (\d+) passed/g, failed: / \| (\d+) failed/g, skipped: / \| (\d+) ignored/g },
  },
  bun: {
    command: ["bun", "test", "--timeout", "120000"],
    parts: 3,
    failure: /^\(fail\) (.+?)(?: \[[\d.]+ms\])?$/gm,
    account: /(?:^(?!\((?:pass|skip|fail)\) ).*\n)*^\(fail\) .*/gm,
    only: (expression) => ["--test-name-pattern", expression],
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
function counted(says: Runtime["says"], output: string): Counts | undefined {
  const last = (pattern: RegExp): number | undefined => {
    const found = [...output.matchAll(pattern)].at(-1)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const passed = last(says.passed);
  if (passed === undefined) return undefined;
  return { passed, failed: last(says.failed) ?? 0, skipped: last(says.skipped) ?? 0 };
}

/** At most so many characters are said again of what failed. */
const LONGEST_ACCOUNT = 20_000;

/** What runs these files, or some of their tests, and understands the output. */
function runnerOf({ command, says, failure, account, only }: Runtime, files: readonly string[]): Runner {
  const found = (pattern: RegExp, output: string) => [...output.matchAll(pattern)];
  return {
    counts: (output) => counted(says, output),
    failures: (output) => [...new Set(found(failure, output).map(([, name]) => name!))],
    account: (output) => found(account, output).join("\n").slice(-LONGEST_ACCOUNT),
    only: (names) => {
      const plain = names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
      return [...command, ...only(`^(${plain.join("|")})$`), ...files];
    },
  };
}

/** The runs that these arguments ask for: names of runtimes, files and folders; without any, everything. */
export function testSteps(args: readonly string[] = []): Step[] {
  const given = args.filter((arg) => !(arg in RUNTIMES));
  const files = given.length > 0
    ? given.flatMap((path) => path.endsWith(".ts") ? [path] : [...testsIn(path.replace(/\/$/, ""))])
    : [...testsIn("./tests")];
  const named = Object.keys(RUNTIMES).filter((name) => args.includes(name));
  return (named.length > 0 ? named : Object.keys(RUNTIMES)).flatMap((name) => {
    const { command, parts: most } = RUNTIMES[name]!;
    const parts = given.length > 0 ? 1 : most;
    return Array.from({ length: parts }, (_, part): Step => {
      const own = files.filter((_, index) => index % parts === part);
      const title = `tests on ${name}${parts > 1 ? `, ${part + 1} of ${parts}` : ""}`;
      return [title, [...command, ...own], runnerOf(RUNTIMES[name]!, own)];
    });
  });
}
