/** What the numbers must show, runtime by runtime. */

import type { Placement, Workload } from "./port.ts";
import type { Row } from "./results.ts";
import type { Runtime } from "./roster.ts";

/** One demand and what came of it. */
export interface Verdict {
  readonly runtime: Runtime;
  readonly target: string;
  readonly value: string;
  readonly met: boolean;
}

interface Target {
  readonly workload: Workload;
  readonly placement: Placement;
  readonly contestant: string;
  /** At least this share of C's speed. */
  readonly ofLimit?: number;
  /** At least this multiple of the fastest peer's speed. */
  readonly ofPeer?: number;
}

/** Round trips within 1.3 times C's. */
const CLOSE = 1 / 1.3;

const TARGETS: readonly Target[] = [
  { workload: "W1", placement: "b", contestant: "ours", ofLimit: 0.8, ofPeer: 1 },
  { workload: "W1", placement: "b", contestant: "ours, BYOB", ofLimit: 0.9 },
  { workload: "W2", placement: "b", contestant: "ours", ofLimit: 0.7, ofPeer: 3 },
  { workload: "W2", placement: "b", contestant: "ours, read-ahead", ofLimit: 0.7, ofPeer: 3 },
  { workload: "W2", placement: "b", contestant: "ours, batches", ofLimit: 0.7, ofPeer: 3 },
  { workload: "W2", placement: "c", contestant: "ours", ofPeer: 3 },
  { workload: "W2", placement: "c", contestant: "ours, read-ahead", ofPeer: 3 },
  { workload: "W2", placement: "b", contestant: "ours, framed", ofPeer: 1 },
  { workload: "W2", placement: "b", contestant: "ours, framed batches", ofPeer: 1 },
  { workload: "W3", placement: "a", contestant: "ours", ofLimit: 0.5, ofPeer: 1 },
  { workload: "W3", placement: "b", contestant: "ours", ofLimit: CLOSE, ofPeer: 1 },
  { workload: "W3", placement: "c", contestant: "ours", ofLimit: CLOSE, ofPeer: 1 },
];

const RUNTIMES: readonly Runtime[] = ["deno", "bun", "node"];

/** Holds the rows against every demand that they say something about. */
export function verdicts(rows: readonly Row[]): Verdict[] {
  return RUNTIMES.flatMap((runtime) => {
    const own = rows.filter((row) => row.runtime === runtime && row.kind === "ours");
    return [...TARGETS.flatMap((target) => against(target, own, runtime)), ...fanOut(own, rows, runtime)];
  });
}

function against(target: Target, rows: readonly Row[], runtime: Runtime): Verdict[] {
  const { workload, placement, contestant } = target;
  const row = rows.find((row) =>
    row.workload === workload && row.placement === placement && row.contestant === contestant
  );
  if (row === undefined) return [];
  const verdicts: Verdict[] = [];
  const add = (what: string, wanted: number | undefined, value: number | undefined) => {
    if (wanted === undefined || value === undefined) return;
    const text = `${workload} ${placement} ${contestant}: at least ${wanted.toFixed(2)} of ${what}`;
    verdicts.push({ runtime, target: text, value: value.toFixed(2), met: value >= wanted });
  };
  add("C", target.ofLimit, row.ofLimit);
  add(`the fastest peer (${row.peer})`, target.ofPeer, row.ofPeer);
  return verdicts;
}

function fanOut(rows: readonly Row[], all: readonly Row[], runtime: Runtime): Verdict[] {
  const verdicts: Verdict[] = [];
  for (const placement of ["a", "c"] as const) {
    const at = (channels: number) =>
      rows.find((row) => row.workload === "W4" && row.placement === placement && row.channels === channels);
    const [few, many] = [at(10), at(1000)];
    const one = at(1) ?? few;
    if (few === undefined || many === undefined) continue;
    const growth = many.median / few.median;
    const [fewInC, manyInC] = [10, 1000].map((channels) => all.find((row) => inC(row, placement, channels)));
    // The kernel's own share of it: more sockets than the caches hold.
    const grown = fewInC && manyInC ? ` (in C ${(manyInC.median / fewInC.median).toFixed(2)})` : "";
    verdicts.push({
      runtime,
      target: `W4 ${placement}: a record at 1,000 pairs costs at most 1.5 times that at 10`,
      value: growth.toFixed(2) + grown,
      met: growth <= 1.5,
    });
    if (one?.threads === undefined || many.threads === undefined) continue;
    verdicts.push({
      runtime,
      target: `W4 ${placement}: no more threads for 1,000 pairs than for ${one?.channels}`,
      value: `${many.threads} against ${one.threads}`,
      met: many.threads <= one.threads,
    });
  }
  return verdicts;
}

function inC({ runtime, workload, placement, channels }: Row, wanted: Placement, number: number): boolean {
  return runtime === "c" && workload === "W4" && placement === wanted && channels === number;
}
