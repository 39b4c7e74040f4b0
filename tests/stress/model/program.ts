/** Random programs for a pair: what kind of pair, and what is done to which end of it, in order. */

import fc from "fast-check";

/** The kind of pair. */
export interface Mode {
  readonly type: "stream" | "seqpacket" | "dgram";
  /** What a chunk is: bytes, a record, an array of records, or a message with descriptors. */
  readonly chunk: "bytes" | "record" | "batch" | "message";
  /** Length-prefixed records on a stream. */
  readonly framed: boolean;
  /** `highWaterMark`. */
  readonly ahead: number;
  readonly sendBufferSize: number | undefined;
  readonly allowHalfOpen: boolean;
}

/** What is done to an end. */
export type Act =
  | { readonly do: "write"; readonly sizes: readonly number[]; readonly form: "view" | "parts" | "shared" }
  | { readonly do: "writeJunk" | "writeTooMuch" | "releaseWriter" }
  | { readonly do: "read" | "readByob"; readonly count: number; readonly size: number; readonly min: number }
  | { readonly do: "release" | "cancel" | "abort" | "closeWriter" | "closeWrite" | "close" | "closeReason" | "signal" }
  | { readonly do: "dispose" | "detach" | "transfer" | "die" | "ref" | "unref" | "pause" };

/** One step. Without `wait` the next one comes before anything can have happened. */
export type Step = Act & { readonly side: 0 | 1; readonly wait: boolean };

/** A program. */
export interface Program {
  readonly mode: Mode;
  readonly steps: readonly Step[];
  /** How it ends: everything is read to the end, or both ends are disposed of as they are. */
  readonly finale: "drain" | "dispose";
}

const KINDS = [
  { type: "stream", chunk: "bytes", framed: false },
  { type: "stream", chunk: "bytes", framed: false },
  { type: "stream", chunk: "record", framed: true },
  { type: "stream", chunk: "batch", framed: true },
  { type: "stream", chunk: "message", framed: false },
  { type: "seqpacket", chunk: "record", framed: false },
  { type: "seqpacket", chunk: "record", framed: false },
  { type: "seqpacket", chunk: "batch", framed: false },
  { type: "seqpacket", chunk: "message", framed: false },
  { type: "dgram", chunk: "record", framed: false },
  { type: "dgram", chunk: "batch", framed: false },
  { type: "dgram", chunk: "message", framed: false },
] as const;

const modes: fc.Arbitrary<Mode> = fc.record({
  kind: fc.constantFrom(...KINDS),
  ahead: fc.constantFrom(0, 0, 0, 3, 5000),
  sendBufferSize: fc.constantFrom(undefined, undefined, 1, 20_000),
  allowHalfOpen: fc.constantFrom(true, true, true, false),
}).map(({ kind, ahead, ...rest }) => ({ ...kind, ...rest, ahead: kind.chunk === "message" ? 0 : ahead }));

const sizes: fc.Arbitrary<number> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 10, arbitrary: fc.integer({ min: 1, max: 300 }) },
  { weight: 4, arbitrary: fc.integer({ min: 300, max: 9000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 9000, max: 120_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 120_000, max: 420_000 }) },
);

const writes: fc.Arbitrary<Act> = fc.record({
  do: fc.constant("write" as const),
  sizes: fc.array(sizes, { minLength: 1, maxLength: 4 }),
  form: fc.constantFrom("view" as const, "view" as const, "parts" as const, "shared" as const),
});

const reads: fc.Arbitrary<Act> = fc.record({
  do: fc.constantFrom("read" as const, "readByob" as const),
  count: fc.integer({ min: 1, max: 3 }),
  size: fc.constantFrom(1, 100, 5000, 70_000, 300_000),
  min: fc.constantFrom(1, 1, 1, 50),
});

const plain = <Name extends Act["do"]>(...names: Name[]) =>
  fc.constantFrom(...names).map((name) => ({ do: name }) as Act);

const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 30, arbitrary: writes },
  { weight: 30, arbitrary: reads },
  { weight: 8, arbitrary: plain("detach", "transfer") },
  { weight: 8, arbitrary: plain("release", "releaseWriter", "ref", "unref", "pause") },
  { weight: 7, arbitrary: plain("closeWriter", "closeWrite") },
  { weight: 6, arbitrary: plain("cancel", "abort", "close") },
  { weight: 4, arbitrary: plain("closeReason", "signal", "dispose", "die", "writeJunk", "writeTooMuch") },
);

const steps: fc.Arbitrary<Step> = fc.tuple(acts, fc.constantFrom(0 as const, 1 as const), fc.boolean())
  .map(([act, side, wait]) => ({ ...act, side, wait }));

/** Programs of up to 40 steps. */
export const programs: fc.Arbitrary<Program> = fc.record({
  mode: modes,
  steps: fc.array(steps, { maxLength: 40, size: "max" }),
  finale: fc.constantFrom("drain", "dispose"),
});
