/** What a parent tells the demo, as JSON, a record each. */
export type News = Progress | Outcome;

/** An exchange is under way. */
export interface Progress {
  readonly kind: "progress";
  readonly child: string;
  readonly files: number;
  readonly allFiles: number;
  readonly bytes: number;
}

/** An exchange is over. */
export interface Outcome {
  readonly kind: "outcome";
  readonly child: string;
  /** There is no such program here. */
  readonly missing: boolean;
  readonly records: number;
  readonly bytes: number;
  readonly seconds: number;
  /** What was wrong, one line each. */
  readonly mismatches: readonly string[];
  /** What went over, file by file. */
  readonly table: string;
}

/** The descriptor on which a parent tells it. */
export const NEWS = 3;
