/**
 * The benchmark: this module, C, and what a user would pick instead.
 *
 *   deno task bench [--quick] [--only chunks,records] [--runtime bun,c] [--contestant TEXT] [--rounds N] [--seconds S]
 *                   [--base MODULE] [--out NAME] [--no-install]
 *
 * Runs on any of the three runtimes. Every contestant's processes are started once and warmed up; then they take short
 * samples in turn, in reversed order every other round. `--base` adds another build of this module, to compare with. The
 * full form writes results/README.md, full.json and full.svg; the quick form (under a minute) and a selection only
 * print, unless `--out` names a file.
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { installPeers } from "./peers.ts";
import type { Runtime } from "./port.ts";
import { comparisons, type Row } from "./ratios.ts";
import { report } from "./report.ts";
import { entriesOf, WORKLOADS } from "./roster.ts";
import { Rounds } from "./rounds.ts";
import { type Setting, versionOf } from "./session.ts";
import { ratioTable, tables } from "./table.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    runtime: { type: "string" },
    contestant: { type: "string", multiple: true, default: [] },
    rounds: { type: "string" },
    seconds: { type: "string" },
    base: { type: "string" },
    out: { type: "string" },
    "no-install": { type: "boolean", default: false },
  },
});
const { quick, contestant: names } = values;
const only = values.only?.split(",");
const runtimes = values.runtime?.split(",");
const rounds = Number(values.rounds ?? (quick ? 3 : 10));
const note = (message: string) => void process.stderr.write(`${message}\n`);

/** Says so if other programs keep the processors busy: then the numbers say little. */
async function noteBusy(): Promise<void> {
  const sum = (pick: (times: ReturnType<typeof cpus>[0]["times"]) => number) =>
    cpus().reduce((all, { times }) => all + pick(times), 0);
  const read = () => [sum(({ idle }) => idle), sum(({ user, nice, sys, idle, irq }) => user + nice + sys + idle + irq)];
  const [idle, all] = read() as [number, number];
  await new Promise((resolve) => setTimeout(resolve, 500));
  const [idleAfter, allAfter] = read() as [number, number];
  const busy = 1 - (idleAfter - idle) / Math.max(1, allAfter - all);
  if (busy > 0.15) note(`Other programs use ${(busy * 100).toFixed(0)} % of this machine: the numbers say little`);
}

/** Compiles the C program into a folder, if there is a compiler. */
function compiled(folder: string): string | undefined {
  const program = join(folder, "limit");
  const source = fileURLToPath(new URL("./limit.c", import.meta.url));
  return spawnSync("cc", ["-O2", "-o", program, source], { timeout: 60_000 }).status === 0 ? program : undefined;
}

/** What a user of the package imports, if it is built. */
function builtModule(): string {
  const built = new URL("../dist/mod.js", import.meta.url);
  return existsSync(built) ? built.href : new URL("../mod.ts", import.meta.url).href;
}

async function run(folder: string): Promise<number> {
  if (!quick && !values["no-install"]) {
    const reason = installPeers();
    if (reason !== undefined) note(`The peers from npm could not be installed: ${reason}`);
  }
  await noteBusy();
  const setting: Setting = {
    folder,
    limit: compiled(folder),
    module: "@socketpair/streams",
    base: values.base === undefined ? "" : pathToFileURL(values.base).href,
    built: builtModule(),
    warm: quick ? 0.15 : 0.8,
    seconds: Number(values.seconds ?? (quick ? 0.05 : 0.25)),
  };
  const versions: Partial<Record<Runtime, string>> = {};
  for (const runtime of ["deno", "bun", "node"] as const) {
    const version = versionOf(runtime);
    if (version !== undefined) versions[runtime] = version;
  }
  const measured = new Rounds(setting, rounds, note);
  const rows: Row[] = [];
  for (const workload of WORKLOADS.filter((workload) => only?.includes(workload) ?? true)) {
    const entries = entriesOf(workload, values.base !== undefined).filter(({ runtime, contestant, quick: short }) =>
      (short || !quick) && (runtimes?.includes(runtime) ?? true) &&
      (runtime === "c" || versions[runtime] !== undefined) &&
      (names.length === 0 || names.some((name) => contestant.includes(name)))
    );
    rows.push(...await measured.take(entries));
  }
  const compared = comparisons(rows);
  console.log(`${tables(rows)}\n\n## Ratios and targets\n\n${ratioTable(compared, true)}`);
  for (const [name, reason] of measured.skipped) console.log(`\nSKIPPED ${name}: ${reason}`);
  for (const [name, reason] of measured.failed) console.log(`\nFAILED ${name}: ${reason}`);
  const whole = !quick && only === undefined && runtimes === undefined && names.length === 0;
  const out = values.out ?? (whole ? "full" : undefined);
  if (out !== undefined) {
    const machine = { processor: cpus()[0]?.model ?? "unknown", processors: cpus().length, kernel: release() };
    const form = { rounds, seconds: setting.seconds, versions, ...machine };
    const results = new URL("./results/", import.meta.url);
    mkdirSync(results, { recursive: true });
    for (const [name, content] of report(out, form, rows, measured)) writeFileSync(new URL(name, results), content);
    console.log(`\nWritten to bench/results/${out}.json`);
  }
  return measured.failed.size === 0 ? 0 : 1;
}

const folder = mkdtempSync(join(tmpdir(), "socketpair-bench-"));
try {
  process.exitCode = await run(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
