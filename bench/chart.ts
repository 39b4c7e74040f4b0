/** The numbers as a picture: a column a runtime, the longer the bar the faster. */

import { PLACEMENTS, WORKLOADS } from "./plan.ts";
import type { Placement, Workload } from "./port.ts";
import type { Row } from "./results.ts";
import type { Limit, Runtime } from "./roster.ts";

const RUNTIMES: readonly Runtime[] = ["deno", "bun", "node"];
const NAMES: Record<Runtime, string> = { deno: "Deno", bun: "Bun", node: "Node" };

interface Panel {
  readonly workload: Workload;
  readonly placement: Placement;
  readonly note?: string;
  /** The C program's way that the bars are shares of; in W2 it also says which contestants belong together. */
  readonly limit: Limit;
}

const PANELS: readonly Panel[] = [
  { workload: "W1", placement: "b", limit: "stream" },
  { workload: "W2", placement: "b", limit: "seqpacket", note: "one a system call or message" },
  { workload: "W2", placement: "b", limit: "batches", note: "length-prefixed, coalesced" },
  { workload: "W3", placement: "a", limit: "seqpacket" },
  { workload: "W3", placement: "b", limit: "seqpacket" },
  { workload: "W3", placement: "c", limit: "seqpacket" },
];

/** A floor, not something that a user would pick. */
const RAW = "our FFI, blocking";

const COLUMN = 345;
const LABEL = 162;
const BAR = 88;
const LINE = 19;

const STYLE = `
  text { font: 11px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 13px; }
  .peer { fill: #afb8c1; } .ours { fill: #0969da; } .limit { stroke: #57606a; stroke-dasharray: 3 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .peer { fill: #484f58; } .ours { fill: #4493f8; } .limit { stroke: #9198a1; }
  }`;
const FOOTER =
  "Time an operation, and speed as a share of blocking C's in the same placement (the dashed line, where it fits).";

/** An SVG of the workloads that say most. */
export function chart(rows: readonly Row[]): string {
  const parts: string[] = [];
  let top = 20;
  for (const panel of PANELS) {
    const beside = rows.filter((row) => row.workload === panel.workload && row.placement === panel.placement);
    const limit = beside.find((row) => row.kind === "limit" && row.limit === panel.limit);
    const shown = beside.filter((row) =>
      row.kind !== "limit" && (panel.workload !== "W2" || row.limit === panel.limit) && row.contestant !== RAW
    );
    if (shown.length === 0) continue;
    const note = panel.note === undefined ? "" : `, ${panel.note}`;
    const inC = limit === undefined ? "" : ` (C: ${duration(limit.median)})`;
    parts.push(text(0, top, `${WORKLOADS[panel.workload]}${note}: ${PLACEMENTS[panel.placement]}${inC}`, "title"));
    const height = Math.max(...RUNTIMES.map((runtime) => shown.filter((row) => row.runtime === runtime).length)) * LINE;
    parts.push(...columns(shown, limit?.median, top, height));
    top += height + 58;
  }
  const width = RUNTIMES.length * COLUMN;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 0 ${width + 8} ${top}" width="${width + 8}" ` +
    `height="${top}" role="img" aria-label="${FOOTER}">\n<style>${STYLE}\n</style>\n${parts.join("\n")}\n` +
    `${text(0, top - 10, FOOTER)}\n</svg>\n`;
}

function columns(rows: readonly Row[], limit: number | undefined, top: number, height: number): string[] {
  const fastest = Math.min(...rows.map(({ median }) => median));
  // Where C is far ahead of everybody, a scale up to it would show nothing.
  const whole = limit !== undefined && limit > fastest / 5 ? Math.min(limit, fastest) : fastest;
  return RUNTIMES.flatMap((runtime, index) => {
    const left = index * COLUMN;
    const column = rows.filter((row) => row.runtime === runtime).toSorted((one, other) => one.median - other.median);
    const parts = column.flatMap((row, place) => bar(row, left, top + 26 + place * LINE, whole, limit));
    parts.unshift(text(left, top + 20, NAMES[runtime], "title"));
    if (limit === undefined || limit < whole || column.length === 0) return parts;
    const x = (left + LABEL + BAR * whole / limit).toFixed(1);
    return [`<line class="limit" x1="${x}" x2="${x}" y1="${top + 22}" y2="${top + 26 + height}"/>`, ...parts];
  });
}

function bar(row: Row, left: number, y: number, whole: number, limit: number | undefined): string[] {
  const from = left + LABEL;
  const width = Math.max(1, BAR * whole / row.median);
  const share = limit === undefined ? "" : `, ${(limit / row.median * 100).toFixed(0)} %`;
  return [
    text(left, y + 12, row.contestant),
    `<rect class="${row.kind}" x="${from}" y="${y}" width="${width.toFixed(1)}" height="${LINE - 4}" rx="2"/>`,
    text(from + width + 5, y + 12, duration(row.median) + share),
  ];
}

function duration(nanoseconds: number): string {
  if (nanoseconds < 1000) return `${nanoseconds.toFixed(0)} ns`;
  return `${(nanoseconds / 1000).toPrecision(nanoseconds < 1e5 ? 2 : 3)} µs`;
}

function text(x: number, y: number, content: string, kind?: string): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(0)}" y="${y}"${kind === undefined ? "" : ` class="${kind}"`}>${escaped}</text>`;
}
