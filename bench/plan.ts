/** What is measured, in which order. */

import type { Placement, Workload } from "./port.ts";
import { type Limit, ROSTER, type Runtime } from "./roster.ts";
import type { Load } from "./workloads.ts";

/** One line of the table: a contestant in a workload and a placement. */
export interface Cell {
  readonly workload: Workload;
  readonly placement: Placement;
  readonly channels: number;
  readonly runtime: Runtime | "c";
  readonly contestant: string;
  readonly limit: Limit;
  readonly kind: "limit" | "ours" | "peer";
  readonly unframed: boolean;
}

/** What the command line asks for. */
export interface Selection {
  readonly quick: boolean;
  readonly workloads: readonly string[];
  readonly placements: readonly string[];
  readonly runtimes: readonly string[];
  /** Parts of contestants' names; all if empty. */
  readonly contestants: readonly string[];
}

export const WORKLOADS: Record<Workload, string> = {
  W1: "bytes, a 64 KiB chunk",
  W2: "records, 64 bytes each",
  W3: "ping-pong, a round trip of 64 bytes",
  W4: "fan-out, a record on each pair in turn",
  W5: "start, from import to the first record",
};

export const PLACEMENTS: Record<Placement, string> = {
  a: "one thread",
  b: "two processes",
  c: "main thread and worker",
};

const FULL: Record<Workload, Load> = {
  W1: { count: 16_384, warm: 6000, budget: 0.6 },
  W2: { count: 500_000, warm: 100_000, budget: 1 },
  W3: { count: 20_000, warm: 2000, budget: 0.6 },
  W4: { count: 10_000, warm: 2000, budget: 1 },
  W5: { count: 1, warm: 0, budget: 1 },
};

/** Hardly less to warm up than in full: what is not compiled yet says nothing. */
const QUICK: Record<Workload, Load> = {
  W1: { count: 2048, warm: 3000, budget: 0.15 },
  W2: { count: 60_000, warm: 40_000, budget: 0.2 },
  W3: { count: 3000, warm: 2000, budget: 0.15 },
  W4: { count: 4000, warm: 2000, budget: 0.2 },
  W5: { count: 1, warm: 0, budget: 1 },
};

/** How much a workload does in a form. */
export function loadOf(workload: Workload, quick: boolean): Load {
  return (quick ? QUICK : FULL)[workload];
}

/** Every cell of a round, those that are compared side by side; what cannot run at all goes into `skipped`. */
export function cellsOf(selection: Selection, skipped: Map<string, string>): Cell[] {
  const cells: Cell[] = [];
  for (const workload of Object.keys(WORKLOADS) as Workload[]) {
    for (const placement of Object.keys(PLACEMENTS) as Placement[]) {
      const row = contestantsIn(workload, placement, selection, skipped);
      cells.push(...limitsFor(row), ...row);
    }
  }
  return cells.filter(({ workload, placement }) =>
    selected(selection.workloads, workload) && selected(selection.placements, placement)
  );
}

function selected(wanted: readonly string[], value: string): boolean {
  return wanted.length === 0 || wanted.includes(value);
}

function contestantsIn(
  workload: Workload,
  placement: Placement,
  selection: Selection,
  skipped: Map<string, string>,
): Cell[] {
  const cells: Cell[] = [];
  for (const [contestant, listing] of Object.entries(ROSTER)) {
    const entry = listing.entries[workload];
    const placements = selection.quick ? entry?.quick : entry?.placements;
    if (entry === undefined || placements?.includes(placement) !== true) continue;
    if (!matches(selection.contestants, contestant)) continue;
    for (const runtime of listing.runtimes.filter((name) => selected(selection.runtimes, name))) {
      if (listing.unavailable !== undefined) {
        skipped.set(`${runtime}: ${contestant}`, listing.unavailable);
        continue;
      }
      const common = { workload, placement, runtime, contestant, limit: entry.limit };
      const kind = listing.ours ? "ours" : "peer";
      for (const channels of channelsIn(workload, kind === "ours" && !selection.quick)) {
        cells.push({ ...common, channels, kind, unframed: listing.unframed === true });
      }
    }
  }
  return cells;
}

function channelsIn(workload: Workload, thorough: boolean): number[] {
  if (workload !== "W4") return [1];
  return thorough ? [1, 10, 1000] : [10, 1000];
}

function matches(parts: readonly string[], contestant: string): boolean {
  return parts.length === 0 || parts.some((part) => contestant.includes(part));
}

/** The limits that a row is compared with. C has nothing to import. */
function limitsFor(row: readonly Cell[]): Cell[] {
  const limits = new Map<string, Cell>();
  for (const { workload, placement, channels, limit } of row) {
    if (workload === "W5" || (workload === "W4" && placement !== "a")) continue;
    const cell: Cell = {
      workload,
      placement,
      channels,
      runtime: "c",
      contestant: `C, ${limit}`,
      limit,
      kind: "limit",
      unframed: limit === "seqpacket",
    };
    limits.set(`${limit} ${channels}`, cell);
  }
  return [...limits.values()];
}
