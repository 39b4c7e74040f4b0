/** What one end of a pair sends in the soak, which its peer knows too, and what came of it. */

import { createHash } from "node:crypto";
import type { SocketEndOptions, SocketType } from "../../../mod.ts";
import { noise } from "../model/noise.ts";

/** The kinds of pair. */
export const KINDS = ["stream", "framed", "seqpacket", "dgram"] as const;

export type Kind = (typeof KINDS)[number];

/** What an end does. Plain, for other threads and processes. */
export interface Task {
  /** Which pair of the round, and which end of it. */
  readonly id: string;
  readonly kind: Kind;
  /** What it sends, and what its peer sends. */
  readonly sends: number;
  readonly receives: number;
  /** For how long it sends. */
  readonly milliseconds: number;
}

/** What went one way. */
export interface Total {
  readonly records: number;
  readonly bytes: number;
  readonly digest: string;
}

/** What an end has seen. */
export interface Report {
  readonly sent: Total;
  readonly received: Total;
}

export function typeOf(kind: Kind): SocketType {
  return kind === "framed" ? "stream" : kind;
}

export function optionsOf(kind: Kind): Omit<SocketEndOptions, "chunks"> {
  return kind === "framed" ? { framing: "uint32le" } : {};
}

/** A datagram socket has no end of its own: a record of this size is it, and no other has this size. */
export const LAST = 3;

/** Random numbers from 0 to 1, the same ones for the same seed. */
export function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The records that belong to a seed, one after the other: mostly small, some large, with `framed` larger than any buffer. */
export function recordsOf(seed: number, kind: Kind): () => Uint8Array<ArrayBuffer> {
  const random = randomOf(seed);
  const largest = { stream: 200_000, framed: 300_000, seqpacket: 200_000, dgram: 60_000 }[kind];
  return () => {
    const draw = random();
    const size = Math.floor(random() * (draw < 0.9 ? 600 : draw < 0.99 ? 20_000 : largest));
    return noise(size === LAST ? 0 : size, Math.floor(random() * 2 ** 20));
  };
}

/** Counts and digests. */
export class Tally {
  #records = 0;
  #bytes = 0;
  readonly #hash = createHash("sha1");

  add(chunk: Uint8Array): void {
    this.#records += 1;
    this.#bytes += chunk.byteLength;
    this.#hash.update(chunk);
  }

  total(): Total {
    return { records: this.#records, bytes: this.#bytes, digest: this.#hash.digest("hex") };
  }
}
