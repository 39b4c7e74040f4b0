/** Medians, spread and ratios. */

import type { Sample } from "./measure.ts";
import type { Cell } from "./plan.ts";

/** One cell's numbers. Times are nanoseconds an operation. */
export interface Row extends Cell {
  readonly samples: number[];
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Median of the distances to the median. */
  readonly deviation: number;
  /** Median time on a processor, of both sides. */
  readonly cpu: number | undefined;
  readonly operations: number;
  readonly threads: number | undefined;
  /** Resident memory beyond that at the start, in bytes. */
  readonly memory: number | undefined;
  /** The share of the host's waits that busy polling has ended. */
  readonly spared: number | undefined;
  /** Speed as a share of C's: 1 is as fast as C. */
  readonly ofLimit: number | undefined;
  /** Speed as a multiple of the fastest peer's in the same runtime; in W2 among those that frame alike. */
  readonly ofPeer: number | undefined;
  readonly peer: string | undefined;
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((first, second) => first - second);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What the samples of all rounds come to. */
export function rowsOf(samples: ReadonlyMap<Cell, readonly Sample[]>): Row[] {
  const plain = [...samples].filter(([, taken]) => taken.length > 0).map(([cell, taken]) => summary(cell, taken));
  return plain.map((row) => {
    const same = plain.filter((other) => beside(row, other));
    const limit = same.find(({ kind, limit }) => kind === "limit" && limit === row.limit);
    const peers = same.filter(({ kind, runtime, unframed, contestant }) =>
      kind === "peer" && runtime === row.runtime && contestant !== row.contestant &&
      (row.workload !== "W2" || unframed === row.unframed)
    );
    const [best] = peers.toSorted((first, second) => first.median - second.median);
    return {
      ...row,
      ofLimit: row.kind === "limit" || limit === undefined ? undefined : limit.median / row.median,
      ofPeer: best === undefined ? undefined : best.median / row.median,
      peer: best?.contestant,
    };
  });
}

function beside(row: Cell, other: Cell): boolean {
  return row.workload === other.workload && row.placement === other.placement && row.channels === other.channels;
}

function summary(cell: Cell, taken: readonly Sample[]): Row {
  const times = taken.map(({ time }) => time);
  const middle = median(times);
  const known = (pick: (sample: Sample) => number | undefined) => {
    const numbers = taken.map(pick).filter((value) => value !== undefined);
    return numbers.length === 0 ? undefined : median(numbers);
  };
  return {
    ...cell,
    samples: times,
    median: middle,
    min: Math.min(...times),
    max: Math.max(...times),
    deviation: median(times.map((time) => Math.abs(time - middle))),
    cpu: known(({ cpu }) => cpu),
    operations: median(taken.map(({ operations }) => operations)),
    threads: known(({ threads }) => threads),
    memory: known(({ memory }) => memory),
    spared: known(({ spared }) => spared),
    ofLimit: undefined,
    ofPeer: undefined,
    peer: undefined,
  };
}
