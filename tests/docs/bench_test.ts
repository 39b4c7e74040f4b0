/** The benchmark's quick form runs, and its picture and tables say what they must. */

import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { chart } from "../../bench/chart.ts";
import type { Runtime } from "../../bench/port.ts";
import { comparisons, ratio, type Row } from "../../bench/ratios.ts";
import { OURS } from "../../bench/roster.ts";
import { ratioTable } from "../../bench/table.ts";
import { assert, onlyOn, runtime, test } from "../_support.ts";

const skip = onlyOn("bun") || (process.platform !== "linux" && "Linux only: it reads /proc");
const OPTIONS = { census: false, skip: onlyOn("bun") };

function rowOf(name: Runtime, contestant: string, ns: number[]): Row {
  const ours = contestant.startsWith(OURS);
  return { workload: "chunks", kind: "calls", runtime: name, contestant, ours, quick: true, ns, cpu: [] };
}

const ROWS: readonly Row[] = [
  rowOf("deno", `${OURS}, calls`, [10_000, 40_000, 12_000]),
  rowOf("deno", "Deno.connect, read/write", [20_000, 80_000, 12_000]),
  rowOf("bun", `${OURS}, calls`, [30_000, 30_000, 30_000]),
  rowOf("bun", "node:net", [10_000, 90_000, 90_000]),
  rowOf("bun", "Bun.connect", [20_000, 20_000, 20_000]),
];

test("ratio() is the median of the ratios of the same round", () => {
  assert.equal(ratio(ROWS[0]!, ROWS[1]!), 0.5);
}, OPTIONS);

test("comparisons() take the fastest peer by its median", () => {
  const [, bun] = comparisons(ROWS);
  assert.equal(bun!.other.contestant, "Bun.connect");
  assert.equal(bun!.ratio, 1.5);
}, OPTIONS);

test("ratioTable() names what misses its target", () => {
  const table = ratioTable(comparisons(ROWS), true);
  assert.match(table, /0\.50 of 1 +\|/);
  assert.match(table, /1\.50 of 0\.75 MISSED \|/);
}, OPTIONS);

test("chart() has both colour schemes, the module by its name, and a row for each runtime", () => {
  const picture = chart(ROWS);
  assert.match(picture, /prefers-color-scheme: dark/);
  assert.equal(picture.split(`>${OURS}<`).length, 2);
  assert.deepEqual(picture.match(/(?<=class="end">)\w+/g), ["Deno", "Bun"]);
  assert.match(picture, />20(\.0)? Bun\.connect</);
}, OPTIONS);

test("bench: the quick form runs", () => {
  const script = fileURLToPath(new URL("../../bench/run.ts", import.meta.url));
  const before = { deno: ["run", "-A", "--no-check"], bun: [], node: [] }[runtime];
  const selection = [
    "--quick",
    "--only",
    "round trips,start",
    "--runtime",
    runtime,
    "--rounds",
    "2",
    "--seconds",
    "0.02",
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...before, script, ...selection], {
    encoding: "utf8",
    timeout: 40_000,
  });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /## Round trip\n[^]*\*\*@socketpair\/streams\*\*, calls/);
  assert.match(stdout, /round trip, calls \/ the fastest peer's calls/);
}, { ...OPTIONS, skip, timeout: 60_000 });
