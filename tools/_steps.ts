/** What a test runner says in the end. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A test runner as a step has it: how to read its output, and how to run some of its tests again. */
export interface Runner {
  /** The counts at the end of an output; undefined if the runner did not come to its end. */
  counts(output: string): Counts | undefined;
  /** The names of the tests that failed. */
  failures(output: string): string[];
  /** What the output says of why they failed. */
  account(output: string): string;
  /** The command that runs the tests of these names only. */
  only(names: readonly string[]): readonly string[];
}

/** A name, a command, and for tests their runner. */
export type Step = readonly [name: string, command: readonly string[], runner?: Runner];

/** How one step went. */
interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  readonly counts: Counts | undefined;
  /** The tests that failed. */
  readonly failures: readonly string[];
  /** What their runner says of them. */
  readonly account: string;
}

/** A step that takes more milliseconds hangs, and is killed. Everything in its full count takes longer. */
const LONGEST = (Deno.env.get("SOCKETPAIR_FULL") === "1" ? 60 : 30) * 60_000;
/** So many milliseconds a process that a step left behind may hold its output open. */
const LINGERING = 5000;
/** So many failed tests of a step run again, alone. More have a cause that time and load do not explain. */
const FEW = 3;

const stdout = Deno.stdout.writable.getWriter();
const encoder = new TextEncoder();

/** Runs one step. Its output is kept until `turn`; from then on it is printed as it comes. */
async function perform(step: Step, turn: Promise<unknown>): Promise<Outcome> {
  const [name, [program, ...args], runner] = step;
  const begin = performance.now();
  const chunks: Uint8Array<ArrayBuffer>[] = [encoder.encode(`\n=== ${name}\n`)];
  let live = false;
  const print = (chunk: Uint8Array<ArrayBuffer>) => {
    chunks.push(chunk);
    if (live) void stdout.write(chunk);
  };
  void turn.then(() => {
    live = true;
    for (const chunk of chunks) void stdout.write(chunk);
  });
  // Both outputs through one pipe keep their order, and exec keeps the number of the process.
  const command = ["-c", 'exec "$@" 2>&1', "sh", program!, ...args];
  const child = new Deno.Command("sh", { args: command, stdin: "null", stdout: "piped" }).spawn();
  const bound = setTimeout(() => {
    print(encoder.encode(`\n${name}: killed, for it has not ended within ${LONGEST / 60_000} minutes\n`));
    child.kill("SIGKILL");
  }, LONGEST);
  const reader = child.stdout.getReader();
  const reading = (async () => {
    for (let result; !(result = await reader.read()).done;) print(result.value);
  })();
  const { success } = await child.status;
  clearTimeout(bound);
  const lingering = setTimeout(() => void reader.cancel(), LINGERING);
  await reading;
  clearTimeout(lingering);
  const seconds = (performance.now() - begin) / 1000;
  const outcome = { name, passed: success, seconds, counts: undefined, failures: [], account: "" };
  if (runner === undefined) return outcome;
  // deno-lint-ignore no-control-regex
  const output = (await new Blob(chunks).text()).replaceAll(/\x1b\[[\d;]*m/g, "");
  const counts = runner.counts(output) ?? { passed: 0, failed: 0, skipped: 0 };
  // A runner that has crashed may have counted no failure, or nothing.
  if (!success && counts.failed === 0) counts.failed = 1;
  const [failures, account] = [runner.failures(output), runner.account(output)];
  return { ...outcome, passed: counts.failed === 0, counts, failures, account };
}

/** Runs the tests that failed in a step again, with nothing beside them: what they say of time counts only then. */
async function again([name, , runner]: Step, outcome: Outcome): Promise<Outcome> {
  const { counts, failures } = outcome;
  const few = failures.length > 0 && failures.length <= FEW && counts?.failed === failures.length;
  if (runner === undefined || counts === undefined || !few) return outcome;
  const alone = await perform([`${name}, again and alone`, runner.only(failures), runner], Promise.resolve());
  const held = alone.passed && alone.counts !== undefined && alone.counts.passed >= failures.length;
  if (!held) return outcome;
  return { ...outcome, passed: true, counts: { ...counts, passed: counts.passed + counts.failed, failed: 0 } };
}

/**
 * Runs every step, also after one has failed: a person wants to see all that is wrong.
 *
 * - The outputs come one after the other, in the order of the steps. That of the first step that runs comes as it is written.
 * - A few failed tests of a step run again when all else has ended. Those that pass are named in the summary.
 *
 * @param atOnce How many run side by side
 */
export async function run(steps: readonly Step[], atOnce: number = 1): Promise<Outcome[]> {
  const running: [Step, Promise<Outcome>][] = [];
  const queue = steps.values();
  let turn: Promise<unknown> = Promise.resolve();
  const lane = async () => {
    for (const step of queue) {
      const outcome = perform(step, turn);
      turn = Promise.all([turn, outcome]);
      running.push([step, outcome]);
      await outcome;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  await turn;
  const outcomes: Outcome[] = [];
  for (const [step, outcome] of running) outcomes.push(await again(step, await outcome));
  await stdout.ready;
  return outcomes;
}

function shown({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * Prints what failed, how the steps went, then the sum of all tests, alone on its line. Exits with 1 if a step has failed.
 */
export function summarize(outcomes: readonly Outcome[]): void {
  for (const { name, passed, failures, account } of outcomes) {
    if (failures.length === 0) continue;
    console.log(`\n=== ${name}: ${passed ? "failed beside other steps, passed alone" : "failed"}\n${account}`);
    for (const failure of failures) console.log(`- ${failure}`);
  }
  console.log("");
  for (const { name, passed, seconds, counts, failures } of outcomes) {
    const said = counts === undefined ? "" : `: ${shown(counts)}`;
    const when = passed && failures.length > 0 ? ` (${failures.length} of those that passed failed at first)` : "";
    console.log(`${passed ? "ok    " : "FAILED"}  ${name} (${seconds.toFixed(1)} s)${said}${when}`);
  }
  const counted = outcomes.flatMap(({ counts }) => counts ?? []);
  const sum = (of: keyof Counts) => counted.reduce((total, counts) => total + counts[of], 0);
  if (counted.length > 0) {
    console.log(`\n${shown({ passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") })}`);
  }
  if (outcomes.some(({ passed }) => !passed)) Deno.exit(1);
}
