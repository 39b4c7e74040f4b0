/**
 * The benchmark: this module, C, and what a user would pick instead, interleaved in one run.
 *
 *   deno task bench [--quick] [--only W1,W3] [--placement b,c] [--runtime bun] [--contestant ours] [--rounds N]
 *                   [--out NAME] [--no-install]
 *
 * Runs on any of the three runtimes. The full form takes under 10 minutes, the quick form under one. Writes
 * `results/full.json` and `.svg` (or `quick`); a selection writes only what `--out` names.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { chart } from "./chart.ts";
import { compileLimit, measure, NoSample, type Sample, versionOf } from "./measure.ts";
import { installPeers } from "./peers.ts";
import { type Cell, cellsOf, type Selection } from "./plan.ts";
import { rowsOf } from "./results.ts";
import type { Runtime } from "./roster.ts";
import { tables, verdictTable } from "./table.ts";
import { verdicts } from "./targets.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    placement: { type: "string" },
    runtime: { type: "string" },
    contestant: { type: "string", multiple: true, default: [] },
    rounds: { type: "string" },
    round: { type: "string" },
    out: { type: "string" },
    "no-install": { type: "boolean", default: false },
  },
});
const { quick } = values;
const list = (value: string | undefined) => value?.split(",").filter((part) => part !== "") ?? [];
const selection: Selection = {
  quick,
  workloads: list(values.only),
  placements: list(values.placement),
  runtimes: list(values.runtime),
  contestants: values.contestant,
};
const whole = [selection.workloads, selection.placements, selection.runtimes, selection.contestants]
  .every(({ length }) => length === 0);
const rounds = Number(values.rounds ?? values.round ?? (quick ? 3 : 5));
/** Milliseconds after which no measurement begins. */
const limit = (quick ? 54 : 570) * 1000;
const started = performance.now();
const note = (message: string) => process.stderr.write(`${message}\n`);

const skipped = new Map<string, string>();
const failed = new Map<string, string>();

function machine(): { versions: Record<string, string>; processor: string; processors: number; kernel: string } {
  const versions: Record<string, string> = {};
  for (const runtime of ["deno", "bun", "node"] as Runtime[]) {
    const version = versionOf(runtime);
    if (version !== undefined) versions[runtime] = version;
  }
  return { versions, processor: cpus()[0]?.model ?? "unknown", processors: cpus().length, kernel: release() };
}

/** What can run: without cc there are no limits, without a runtime none of its contestants. */
function runnable(cells: readonly Cell[], versions: Record<string, string>, noLimit: string | undefined): Cell[] {
  return cells.filter(({ runtime }) => {
    const present = runtime === "c" ? noLimit === undefined : versions[runtime] !== undefined;
    if (!present) skipped.set(runtime === "c" ? "C" : runtime, noLimit ?? "the runtime is not installed");
    return present;
  });
}

async function take(
  cell: Cell,
  program: string | undefined,
  folder: string,
  samples: Map<Cell, Sample[]>,
): Promise<void> {
  const name = `${cell.runtime}: ${cell.contestant}`;
  try {
    samples.get(cell)!.push(await measure(cell, quick, program, folder));
  } catch (reason) {
    if (!(reason instanceof NoSample)) throw reason;
    if (reason.skip) skipped.set(name, reason.message);
    else failed.set(`${name}, ${cell.workload} ${cell.placement}`, reason.message);
    if (reason.skip) samples.delete(cell);
  }
}

async function run(): Promise<number> {
  if (!quick && !values["no-install"]) {
    const reason = installPeers();
    if (reason !== undefined) note(`The peers from npm could not be installed: ${reason}`);
  }
  const folder = mkdtempSync(join(tmpdir(), "socketpair-bench-"));
  const compiled = compileLimit(folder);
  const host = machine();
  const program = "program" in compiled ? compiled.program : undefined;
  const cells = runnable(cellsOf(selection, skipped), host.versions, "skip" in compiled ? compiled.skip : undefined);
  const samples = new Map<Cell, Sample[]>(cells.map((cell) => [cell, []]));
  let complete = 0;
  for (let round = 1; round <= rounds; round += 1) {
    let done = 0;
    for (const cell of [...samples.keys()]) {
      if (performance.now() - started > limit) break;
      await take(cell, program, folder, samples);
      done += 1;
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    note(`Round ${round} of ${rounds}: ${done} measurements, ${seconds} s since the start`);
    if (performance.now() - started > limit) break;
    complete = round;
  }
  rmSync(folder, { recursive: true, force: true });
  if (complete < rounds) note(`Out of time: ${complete} of ${rounds} rounds are complete`);

  const rows = rowsOf(samples);
  const judged = verdicts(rows);
  console.log(tables(rows));
  console.log(`\n### Targets\n\n${verdictTable(judged)}`);
  for (const [name, reason] of skipped) console.log(`\nSKIPPED ${name}: ${reason}`);
  for (const [name, reason] of failed) console.log(`\nFAILED ${name}: ${reason}`);
  const out = values.out ?? (whole ? (quick ? "quick" : "full") : undefined);
  if (out !== undefined) {
    const results = new URL("./results/", import.meta.url);
    mkdirSync(results, { recursive: true });
    const report = {
      form: quick ? "quick" : "full",
      rounds: complete,
      ...host,
      rows,
      targets: judged,
      skipped: Object.fromEntries(skipped),
      failed: Object.fromEntries(failed),
    };
    writeFileSync(new URL(`${out}.json`, results), `${JSON.stringify(report, null, 2)}\n`);
    writeFileSync(new URL(`${out}.svg`, results), chart(rows));
    console.log(`\nWritten to bench/results/${out}.json and ${out}.svg`);
  }
  return failed.size === 0 ? 0 : 1;
}

process.exitCode = await run();
