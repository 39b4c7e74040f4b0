/** What the samples come to: minima, medians, and ratios of the same round. */

import type { Runtime, Workload } from "./port.ts";
import { BASE, type Entry, type Kind, OURS } from "./roster.ts";

/** One contestant's samples, one a round. */
export interface Row extends Entry {
  readonly ns: readonly number[];
  readonly cpu: readonly number[];
}

/** One comparison, in each runtime. */
export interface Comparison {
  readonly label: string;
  readonly runtime: Runtime;
  readonly ours: Row;
  readonly other: Row;
  readonly ratio: number;
  /** At most this is wanted, if a target was set. */
  readonly target: number | undefined;
}

/** What it is compared with: a contestant by its name, or the runtime's fastest peer that is used in such a way. */
type Other = string | readonly [kind: Kind];

type Line = readonly [
  label: string,
  workload: Workload,
  way: string,
  other: Other,
  targets: readonly [deno?: number, bun?: number, node?: number],
];

const LINES: readonly Line[] = [
  ["64 KiB, calls / C", "chunks", "calls", "C", [1.15, 1.15, 1.15]],
  ["64 KiB, calls / the fastest peer's calls", "chunks", "calls", ["calls"], [1, 0.75, 0.7]],
  ["64 KiB, BYOB / C", "chunks", "BYOB", "C", [1.35, 1.4, 1.25]],
  ["64 KiB, BYOB / the fastest peer's BYOB", "chunks", "BYOB", ["BYOB"], []],
  ["64 KiB, streams / the fastest peer's streams", "chunks", "streams", ["streams"], [0.95, 1.15, 0.9]],
  ["64 B record, calls / C", "records", "calls", "C", [1.6, 1.6, 1.6]],
  ["64 B record, calls / the fastest peer's calls", "records", "calls", ["calls"], []],
  ["64 B record, batches / C, one call per record", "records", "batches", "C", [1.1, 1.2, 1.1]],
  ["64 B framed, batches / framing by hand", "framed", "batches", ["gathered"], [1.2, 1.3, 0.9]],
  [
    "64 B framed, gathered write and batch read / framing by hand",
    "framed",
    "gathered write and batch read",
    ["gathered"],
    [1, 1.2, 0.8],
  ],
  ["64 B framed, calls, each awaited / streams", "framed", "calls, each awaited", `${OURS}, streams`, []],
  ["64 B framed, calls, each awaited / the base's streams", "framed", "calls, each awaited", `${BASE}, streams`, [
    0.45,
    0.6,
    0.45,
  ]],
  ["round trip, calls / the fastest peer's calls", "round trips", "calls", ["calls"], [0.3, 0.3, 0.25]],
  ["round trip with 200 µs of thought, calls / the same", "thought", "calls", ["calls"], [1.5, 1.5, 1.2]],
  ["import to first record / the fastest peer", "start", "calls", ["calls"], [4, 1, 2]],
  ["worker: 64 B framed, batches / postMessage", "worker", "framed batches", "postMessage", [0.15, 0.2, 0.15]],
  [
    "worker: 64 B framed, batches / postMessage with batches framed by hand",
    "worker",
    "framed batches",
    "postMessage, framed by hand",
    [0.9, 0.9, 0.9],
  ],
];

const RUNTIMES: readonly Runtime[] = ["deno", "bun", "node"];

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((first, second) => first - second);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median of the ratios of the same round: what the machine does to a whole round is in both. */
export function ratio({ ns }: Row, other: Row): number {
  return median(ns.map((time, round) => time / other.ns[round]!));
}

/** The fastest of some rows by its median. */
function fastest(rows: readonly Row[]): Row | undefined {
  return rows.toSorted((one, other) => median(one.ns) - median(other.ns))[0];
}

/** The fastest peer that is used in the same way in the same runtime. */
export function peerOf(
  { workload, kind, runtime }: Pick<Entry, "workload" | "kind" | "runtime">,
  rows: readonly Row[],
) {
  return fastest(
    rows.filter((row) =>
      row.workload === workload && row.kind === kind && row.runtime === runtime && !row.contestant.startsWith(OURS) &&
      !row.contestant.startsWith(BASE)
    ),
  );
}

function otherOf(ours: Row, other: Other, rows: readonly Row[]): Row | undefined {
  if (typeof other !== "string") return peerOf({ ...ours, kind: other[0] }, rows);
  return rows.find(({ workload, runtime, contestant }) =>
    workload === ours.workload && contestant === other && (runtime === ours.runtime || runtime === "c")
  );
}

/** Every comparison that the rows allow. */
export function comparisons(rows: readonly Row[]): Comparison[] {
  return LINES.flatMap(([label, workload, way, wanted, targets]) =>
    RUNTIMES.flatMap((runtime, index) => {
      const ours = rows.find((row) =>
        row.workload === workload && row.runtime === runtime && row.contestant === `${OURS}, ${way}`
      );
      const other = ours && otherOf(ours, wanted, rows);
      if (other === undefined) return [];
      return [{ label, runtime, ours: ours!, other, ratio: ratio(ours!, other), target: targets[index] }];
    })
  );
}
