/** What `carry.ts` carries, and what it says about it. */

import { Buffer } from "node:buffer";
import { noise, same } from "../model/noise.ts";

/** Files that do not exist: that the script looks for them shows in a trace where the carrying begins and ends. */
export const BEGINS = "/socketpair-begins";
/** See {@linkcode BEGINS}. */
export const ENDS = "/socketpair-ends";

/** What came of it. */
export interface Report {
  /** Chunks whose write resolved. */
  readonly sent: number;
  /** Chunks that came; of a byte stream, bytes. */
  readonly received: number;
  /** What came otherwise than it was sent, if anything did. */
  readonly damage?: string;
  /** The codes with which making the ends, writing, reading, and `closed` of either end failed. */
  readonly openError?: string;
  readonly writeError?: string;
  readonly readError?: string;
  readonly closed: readonly (string | undefined | null)[];
  /** Sockets, pollers and bells that were left open. */
  readonly left: number;
  /** Whether another pair works afterwards. */
  readonly again: boolean;
}

/** How many chunks there are. */
export const CHUNKS = 60;
const SIZES = [1, 300, 5000, 70_000];

/** The bytes of a chunk. Some fill the queue. */
export const sizeOf = (index: number): number => SIZES[index % SIZES.length]!;

/** The bytes of the first so many chunks. */
export function bytesOf(count: number): number {
  let bytes = 0;
  for (let index = 0; index < count; index += 1) bytes += sizeOf(index);
  return bytes;
}

/** Compares what came with what was sent. Where the chunks of a byte stream are cut does not matter. */
export function damageOf(kind: string, chunks: readonly Uint8Array[]): Pick<Report, "received" | "damage"> {
  if (kind !== "stream") {
    const wrong = chunks.findIndex((chunk, index) => !same(chunk, noise(sizeOf(index), index)));
    return { received: chunks.length, ...(wrong === -1 ? {} : { damage: `chunk ${wrong}` }) };
  }
  const came = Buffer.concat(chunks);
  const sent = Buffer.concat(Array.from({ length: CHUNKS }, (_, index) => noise(sizeOf(index), index)));
  const received = came.length;
  if (came.equals(sent.subarray(0, received))) return { received };
  if (isWithin(came, sent)) return { received, damage: `${sent.length - received} missing` };
  if (isWithin(sent, came)) return { received, damage: `${received - sent.length} too many` };
  return { received, damage: `from byte ${came.findIndex((byte, index) => byte !== sent[index])} on` };
}

/** Whether `part` is `whole` with some bytes taken out. */
function isWithin(part: Uint8Array, whole: Uint8Array): boolean {
  let at = 0;
  for (let index = 0; index < whole.length && at < part.length; index += 1) if (whole[index] === part[at]) at += 1;
  return at === part.length;
}
