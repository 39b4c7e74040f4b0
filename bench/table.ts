/** The numbers as Markdown. */

import type { Runtime, Workload } from "./port.ts";
import { type Comparison, median, peerOf, ratio, type Row } from "./ratios.ts";
import { OURS, WORKLOADS } from "./roster.ts";

/** What a workload is, and the unit of its numbers in nanoseconds. */
const ABOUT: Record<Workload, readonly [title: string, text: string, unit: "ns" | "µs" | "ms"]> = {
  chunks: ["64 KiB chunks", "A byte stream from one process to another, written in chunks of 64 KiB.", "µs"],
  records: [
    "64 B records",
    "From one process to another. The kernel keeps the boundaries; the messages of the runtimes keep them too.",
    "ns",
  ],
  framed: [
    "64 B framed",
    "Records over a byte stream from one process to another, a length of 4 bytes before each. The peers frame by hand, " +
    "and gather writes of 64 KiB as `batches` of this module and C do.",
    "ns",
  ],
  "round trips": [
    "Round trip",
    "64 B from one process to another and back, over a byte stream. C is pinned both ways, because its time says mostly " +
    "where the kernel has put the two processes: on one core no core has to be woken.",
    "µs",
  ],
  thought: [
    "Round trip with 200 µs of thought",
    "The same, and each side computes for 200 µs before it answers, so that the other one parks. The 400 µs are " +
    "subtracted.",
    "µs",
  ],
  worker: ["Worker", "64 B records from a worker to the main thread.", "ns"],
  start: [
    "Start",
    "From the first statement of a plain program to its first record of 64 B, in a new process each time: this module " +
    "is imported, the others listen and connect.",
    "ms",
  ],
};

const NANOSECONDS = { ns: 1, µs: 1e3, ms: 1e6 };
const NAMES: Record<Runtime | "c", string> = { deno: "Deno", bun: "Bun", node: "Node", c: "" };
const RUNTIMES: readonly Runtime[] = ["deno", "bun", "node"];

/** A table for every workload. */
export function tables(rows: readonly Row[]): string {
  return WORKLOADS.flatMap((workload) => {
    const group = rows.filter((row) => row.workload === workload);
    if (group.length === 0) return [];
    const [title, text, unit] = ABOUT[workload];
    const head = ["used by", "", "contestant", `min ${unit}`, `median ${unit}`, `CPU ${unit}`, "/ C", "/ peer"];
    return [`## ${title}`, text, aligned([head, ...group.map((row) => line(row, group, NANOSECONDS[unit]))], 3)];
  }).join("\n\n");
}

function line(row: Row, group: readonly Row[], unit: number): string[] {
  const show = (ns: number) => (ns / unit).toFixed(ns / unit < 100 ? 1 : 0);
  const limit = group.find(({ contestant }) => contestant === "C");
  const peer = row.ours ? peerOf(row, group) : undefined;
  return [
    row.kind,
    NAMES[row.runtime],
    row.ours ? row.contestant.replace(OURS, `**${OURS}**`) : row.contestant,
    show(Math.min(...row.ns)),
    show(median(row.ns)),
    row.cpu.length === 0 ? "" : show(median(row.cpu)),
    limit === undefined ? "" : ratio(row, limit).toFixed(2),
    peer === undefined ? "" : ratio(row, peer).toFixed(2),
  ];
}

/** The comparisons, a column a runtime. With `targets`, what was wanted stands behind each, and what misses it is named. */
export function ratioTable(all: readonly Comparison[], targets: boolean): string {
  const labels = [...new Set(all.map(({ label }) => label))];
  const cell = (label: string, runtime: Runtime) => {
    const found = all.find((comparison) => comparison.label === label && comparison.runtime === runtime);
    if (found === undefined) return "";
    const { ratio, target } = found;
    const wanted = !targets || target === undefined ? "" : ` of ${target}${ratio > target ? " MISSED" : ""}`;
    return ratio.toFixed(2) + wanted;
  };
  const head = ["ratio of times, ours / other", ...RUNTIMES.map((runtime) => NAMES[runtime])];
  return aligned([head, ...labels.map((label) => [label, ...RUNTIMES.map((runtime) => cell(label, runtime))])], 1);
}

/** A table whose first columns hold text, and the others numbers. */
function aligned(lines: readonly string[][], texts: number): string {
  const widths = lines[0]!.map((_, column) => Math.max(3, ...lines.map((cells) => cells[column]!.length)));
  const pad = (cell: string, column: number) =>
    column < texts ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  const rule = widths.map((width, column) => column < texts ? "-".repeat(width) : `${"-".repeat(width - 1)}:`);
  const [head, ...body] = lines.map((cells) => `| ${cells.map(pad).join(" | ")} |`);
  return [head, `| ${rule.join(" | ")} |`, ...body].join("\n");
}
