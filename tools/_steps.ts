/** One step's name, whether it passed, and how long it took. */
interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
}

/** Runs every step, also after one has failed: a person wants to see all that is wrong. */
export async function run(steps: readonly (readonly [string, readonly string[]])[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [name, [program, ...args]] of steps) {
    console.log(`\n=== ${name}`);
    const begin = performance.now();
    const { success } = await new Deno.Command(program!, { args, stdin: "null" }).spawn().status;
    outcomes.push({ name, passed: success, seconds: (performance.now() - begin) / 1000 });
  }
  return outcomes;
}

/** Prints how the steps went, and exits with 1 if one has failed. */
export function summarize(outcomes: readonly Outcome[]): void {
  console.log("");
  for (const { name, passed, seconds } of outcomes) {
    console.log(`${passed ? "ok    " : "FAILED"}  ${name} (${seconds.toFixed(1)} s)`);
  }
  if (outcomes.some(({ passed }) => !passed)) Deno.exit(1);
}
