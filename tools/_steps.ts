/** What a test runner says in the end. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** A name, a command, and for a test runner what reads its counts from its output. */
export type Step = readonly [
  name: string,
  command: readonly string[],
  count?: (output: string) => Counts | undefined,
];

/** How one step went. */
interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  readonly counts: Counts | undefined;
}

/** A step that takes more milliseconds hangs, and is killed. Everything in its full count takes longer. */
const LONGEST = (Deno.env.get("SOCKETPAIR_FULL") === "1" ? 60 : 30) * 60_000;
/** So many milliseconds a process that a step left behind may hold its output open. */
const LINGERING = 5000;

const stdout = Deno.stdout.writable.getWriter();
const encoder = new TextEncoder();

/** Runs one step. Its output is kept until `turn`; from then on it is printed as it comes. */
async function perform([name, [program, ...args], count]: Step, turn: Promise<unknown>): Promise<Outcome> {
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
  if (count === undefined) return { name, passed: success, seconds, counts: undefined };
  const counts = count(await new Blob(chunks).text()) ?? { passed: 0, failed: 0, skipped: 0 };
  // A runner that has crashed may have counted no failure, or nothing.
  if (!success && counts.failed === 0) counts.failed = 1;
  return { name, passed: counts.failed === 0, seconds, counts };
}

/**
 * Runs every step, also after one has failed: a person wants to see all that is wrong.
 *
 * - The outputs come one after the other, in the order of the steps. That of the first step that runs comes as it is written.
 *
 * @param atOnce How many run side by side
 */
export async function run(steps: readonly Step[], atOnce: number = 1): Promise<Outcome[]> {
  const outcomes: Promise<Outcome>[] = [];
  const queue = steps.values();
  let turn: Promise<unknown> = Promise.resolve();
  const lane = async () => {
    for (const step of queue) {
      const outcome = perform(step, turn);
      turn = Promise.all([turn, outcome]);
      outcomes.push(outcome);
      await outcome;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  await turn;
  await stdout.ready;
  return await Promise.all(outcomes);
}

function shown({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Prints how the steps went, then the sum of all tests, alone on its line. Exits with 1 if a step has failed. */
export function summarize(outcomes: readonly Outcome[]): void {
  console.log("");
  for (const { name, passed, seconds, counts } of outcomes) {
    const time = `(${seconds.toFixed(1)} s)`;
    console.log(
      `${passed ? "ok    " : "FAILED"}  ${name} ${counts === undefined ? time : `${time}: ${shown(counts)}`}`,
    );
  }
  const counted = outcomes.flatMap(({ counts }) => counts ?? []);
  const sum = (of: keyof Counts) => counted.reduce((total, counts) => total + counts[of], 0);
  if (counted.length > 0) {
    console.log(`\n${shown({ passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") })}`);
  }
  if (outcomes.some(({ passed }) => !passed)) Deno.exit(1);
}
