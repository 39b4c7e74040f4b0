/** The numbers as text. */

import { PLACEMENTS, WORKLOADS } from "./plan.ts";
import type { Row } from "./results.ts";
import type { Verdict } from "./targets.ts";

const COLUMNS = [
  "",
  "contestant",
  "ns",
  "min..max",
  "MAD",
  "CPU ns",
  "of C",
  "of best peer",
  "threads",
  "MiB",
  "busy hits",
];
/** Columns that hold text. */
const LEFT = new Set([0, 1]);

/** A table for every workload and placement, in Markdown. */
export function tables(rows: readonly Row[]): string {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const fanned = row.workload === "W4" ? `, ${row.channels} pairs` : "";
    const title = `${row.workload} ${row.placement}: ${WORKLOADS[row.workload]}, ${PLACEMENTS[row.placement]}${fanned}`;
    groups.set(title, [...groups.get(title) ?? [], row]);
  }
  return [...groups].map(([title, group]) => `### ${title}\n\n${aligned([COLUMNS, ...group.map(line)])}`).join("\n\n");
}

/** What was asked for and what came of it. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const lines = verdicts.map(({ runtime, target, value, met }) => [runtime, target, value, met ? "met" : "MISSED"]);
  return aligned([["", "target", "is", ""], ...lines]);
}

function line(row: Row): string[] {
  const number = (value: number | undefined, digits = 0) => value === undefined ? "" : value.toFixed(digits);
  const ratio = row.ofPeer === undefined ? "" : `${row.ofPeer.toFixed(2)} (${row.peer})`;
  return [
    row.runtime === "c" ? "" : row.runtime,
    row.kind === "ours" ? `**${row.contestant}**` : row.contestant,
    number(row.median),
    `${number(row.min)}..${number(row.max)}`,
    number(row.deviation),
    number(row.cpu || undefined),
    number(row.ofLimit, 2),
    row.kind === "ours" ? ratio : "",
    number(row.threads),
    row.memory === undefined ? "" : number(row.memory / 2 ** 20),
    row.spared === undefined ? "" : `${number(row.spared * 100)} %`,
  ];
}

function aligned(lines: readonly string[][]): string {
  const widths = lines[0]!.map((_, column) => Math.max(3, ...lines.map((cells) => cells[column]!.length)));
  const pad = (cell: string, column: number) =>
    LEFT.has(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  const rule = widths.map((width, column) => LEFT.has(column) ? "-".repeat(width) : `${"-".repeat(width - 1)}:`);
  const [head, ...body] = lines.map((cells) => `| ${cells.map(pad).join(" | ")} |`);
  return [head, `| ${rule.join(" | ")} |`, ...body].join("\n");
}
