/** What the two logs must agree on. */

import { Buffer } from "node:buffer";
import { readdirSync, readlinkSync } from "node:fs";

/** What this process has open of the kinds that come and go here. */
export function open(): Set<string> {
  return new Set(
    readdirSync("/proc/self/fd").map((fd) => {
      try {
        return `${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`;
      } catch {
        return "";
      }
    }).filter((name) => /socket:|\/dev\/zero/.test(name)),
  );
}

/** What was written: its records (or bytes) as the log has them, and what came of it. */
export interface Write {
  readonly units: Uint8Array[];
  /** How many descriptors go with it. */
  fds?: number;
  outcome: "waits" | "resolved" | "rejected";
  /** Whether it may be missing though it resolved, or be there in part. */
  lost: boolean;
  /** Whether nothing of it may be there. */
  never?: boolean;
  /** Whether a flush has told that the kernel has it. */
  flushed?: boolean;
}

/** Looks for an order in which the writes explain what has arrived. Gives what does not fit. */
function unexplained(writes: readonly Write[], got: Uint8Array): string | undefined {
  let places = new Set([0]);
  for (const [index, { units, outcome, lost, never }] of writes.entries()) {
    const next = new Set<number>();
    for (let place of places) {
      const least = place;
      if (outcome !== "resolved" || (lost && place === got.length)) next.add(place);
      if (never) continue;
      for (const unit of units) {
        const there = got.subarray(place, place + unit.length);
        if (Buffer.compare(there, unit.subarray(0, there.length)) !== 0) place = NaN;
        else place += there.length;
        // Of a batch that failed some may have gone.
        if (there.length < unit.length && !lost) place = NaN;
        if (outcome !== "resolved" && place > least) next.add(place);
      }
      if (!Number.isNaN(place)) next.add(place);
    }
    if (next.size === 0) return `write ${index} (${outcome}) is not at ${[...places]} of ${got.length} bytes`;
    places = next;
  }
  return places.has(got.length) ? undefined : `${got.length} bytes came, and only ${[...places]} were written`;
}

/** What Python logged. */
export interface Kernel {
  /** What the kernel took from it and gave it, in base64. */
  readonly sent: string;
  readonly got: string;
  /** How many descriptors it sent, and got. */
  readonly fds: number;
  readonly came: number;
  /** Whether the last record that it sent has come to an end too soon. */
  readonly cut: boolean;
  /** Whether the kernel has thrown away what it had not got yet. */
  readonly purged: boolean;
  readonly faults: readonly string[];
}

/** What an end was told. */
export interface Told {
  readonly writes: readonly Write[];
  readonly read: Uint8Array;
  /** Whether a read met the end, or a record that is cut. */
  readonly eof: boolean;
  readonly broken: boolean;
  /** Whether Python closed its side without a look at what had come. */
  readonly vanished: boolean;
  readonly fdsCame: number;
}

/** Where an end was told what the kernel has not done. */
export function disagreements(kernel: Kernel, { writes, read, eof, broken, vanished, fdsCame }: Told): string[] {
  const faults = [...kernel.faults];
  const [sent, got] = [Buffer.from(kernel.sent, "base64"), Buffer.from(kernel.got, "base64")];
  const fault = unexplained(writes, got);
  if (fault !== undefined) faults.push(fault);
  if (!sent.subarray(0, read.length).equals(read)) {
    faults.push(`${read.length} bytes were read that are not the first of ${sent.length}`);
  }
  if (eof && read.length < sent.length) faults.push(`an end after ${read.length} of ${sent.length} bytes`);
  if (broken && !kernel.cut) faults.push("a FramingError, and no record is cut");
  const fds = (some: readonly Write[]) => some.reduce((sum, { fds = 0 }) => sum + fds, 0);
  const least = vanished ? 0 : fds(writes.filter(({ outcome }) => outcome === "resolved"));
  if (kernel.came < least || kernel.came > fds(writes)) faults.push(`${kernel.came} descriptors arrived, not ${least}`);
  if (fdsCame > kernel.fds || (eof && fdsCame < kernel.fds)) {
    faults.push(`${fdsCame} descriptors came of ${kernel.fds}`);
  }
  return faults;
}
