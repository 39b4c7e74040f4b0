/** Who takes part, where and in what. */

import type { Contestant, Placement, Workload } from "./port.ts";

export type Runtime = "deno" | "bun" | "node";

/** The C program's way that a contestant is compared with. */
export type Limit = "stream" | "seqpacket" | "batches";

/** One contestant in one workload. */
export interface Entry {
  readonly placements: readonly Placement[];
  readonly limit: Limit;
  /** Where it runs in the quick form; nowhere unless given. */
  readonly quick?: readonly Placement[];
}

/** One contestant. */
export interface Listing {
  readonly file: string;
  readonly runtimes: readonly Runtime[];
  /** Whether it is this module. */
  readonly ours?: true;
  /** Whether its records go one a system call or message, not coalesced. */
  readonly unframed?: true;
  /** Why it does not run on any machine yet, if so. */
  readonly unavailable?: string;
  readonly entries: Partial<Record<Workload, Entry>>;
}

const ALL: readonly Runtime[] = ["deno", "bun", "node"];

export const ROSTER: Readonly<Record<string, Listing>> = {
  "ours": {
    file: "ours",
    runtimes: ALL,
    ours: true,
    unframed: true,
    entries: {
      W1: { placements: ["b", "c"], limit: "stream", quick: ["b"] },
      W2: { placements: ["b", "c"], limit: "seqpacket", quick: ["b"] },
      W3: { placements: ["a", "b", "c"], limit: "seqpacket", quick: ["a", "b", "c"] },
      W4: { placements: ["a", "c"], limit: "seqpacket", quick: ["a"] },
      W5: { placements: ["a"], limit: "seqpacket", quick: ["a"] },
    },
  },
  "ours, BYOB": {
    file: "ours",
    runtimes: ALL,
    ours: true,
    entries: { W1: { placements: ["b", "c"], limit: "stream", quick: ["b"] } },
  },
  "ours, stream": {
    file: "ours",
    runtimes: ALL,
    ours: true,
    entries: { W3: { placements: ["b"], limit: "stream" } },
  },
  "ours, read-ahead": {
    file: "ours",
    runtimes: ALL,
    ours: true,
    unframed: true,
    entries: { W2: { placements: ["b", "c"], limit: "seqpacket" } },
  },
  "ours, framed": {
    file: "ours",
    runtimes: ALL,
    ours: true,
    entries: { W2: { placements: ["b", "c"], limit: "batches", quick: ["b"] } },
  },
  "ours, batches": {
    file: "ours",
    runtimes: ALL,
    ours: true,
    unframed: true,
    entries: { W2: { placements: ["b", "c"], limit: "seqpacket", quick: ["b"] } },
  },
  "ours, framed batches": {
    file: "ours",
    runtimes: ALL,
    ours: true,
    entries: { W2: { placements: ["b", "c"], limit: "batches", quick: ["b"] } },
  },
  "our FFI, blocking": {
    file: "raw",
    runtimes: ALL,
    ours: true,
    unframed: true,
    entries: {
      W1: { placements: ["b"], limit: "stream" },
      W2: { placements: ["b"], limit: "seqpacket" },
      W3: { placements: ["b"], limit: "seqpacket" },
    },
  },
  "Deno.connect, streams": {
    file: "deno_connect",
    runtimes: ["deno"],
    entries: {
      W1: { placements: ["b", "c"], limit: "stream" },
      W2: { placements: ["b", "c"], limit: "batches" },
      W3: { placements: ["a", "b", "c"], limit: "stream" },
      W5: { placements: ["a"], limit: "stream" },
    },
  },
  "Deno.connect, read/write": {
    file: "deno_connect",
    runtimes: ["deno"],
    entries: {
      W1: { placements: ["b", "c"], limit: "stream", quick: ["b"] },
      W2: { placements: ["b", "c"], limit: "batches", quick: ["b"] },
      W3: { placements: ["a", "b", "c"], limit: "stream", quick: ["a", "b", "c"] },
      W5: { placements: ["a"], limit: "stream" },
    },
  },
  "Deno.connect, BYOB": {
    file: "deno_connect",
    runtimes: ["deno"],
    entries: { W1: { placements: ["b", "c"], limit: "stream" } },
  },
  "Deno.Command pipes": {
    file: "deno_command",
    runtimes: ["deno"],
    entries: {
      W1: { placements: ["b"], limit: "stream" },
      W2: { placements: ["b"], limit: "batches" },
      W3: { placements: ["b"], limit: "stream" },
    },
  },
  "Bun.connect": {
    file: "bun_connect",
    runtimes: ["bun"],
    entries: {
      W1: { placements: ["b", "c"], limit: "stream", quick: ["b"] },
      W2: { placements: ["b", "c"], limit: "batches", quick: ["b"] },
      W3: { placements: ["a", "b", "c"], limit: "stream", quick: ["a", "b", "c"] },
      W5: { placements: ["a"], limit: "stream" },
    },
  },
  "Bun.connect({ fd })": {
    file: "bun_connect",
    runtimes: ["bun"],
    unframed: true,
    entries: {
      W1: { placements: ["b", "c"], limit: "stream" },
      W2: { placements: ["b", "c"], limit: "seqpacket", quick: ["b"] },
      W3: { placements: ["a", "b", "c"], limit: "seqpacket", quick: ["a", "b", "c"] },
      W5: { placements: ["a"], limit: "seqpacket" },
    },
  },
  "Bun.spawn ipc": {
    file: "bun_ipc",
    runtimes: ["bun"],
    unframed: true,
    entries: {
      W1: { placements: ["b"], limit: "stream" },
      W2: { placements: ["b"], limit: "seqpacket" },
      W3: { placements: ["b"], limit: "seqpacket" },
    },
  },
  "node:net": {
    file: "node_net",
    runtimes: ["node", "bun"],
    entries: {
      W1: { placements: ["b", "c"], limit: "stream", quick: ["b"] },
      W2: { placements: ["b", "c"], limit: "batches", quick: ["b"] },
      W3: { placements: ["a", "b", "c"], limit: "stream", quick: ["a", "b", "c"] },
      W5: { placements: ["a"], limit: "stream" },
    },
  },
  "fork ipc": {
    file: "node_ipc",
    runtimes: ["node"],
    unframed: true,
    entries: {
      W1: { placements: ["b"], limit: "stream" },
      W2: { placements: ["b"], limit: "seqpacket" },
      W3: { placements: ["b"], limit: "seqpacket" },
    },
  },
  "node-unix-socket": {
    file: "node_unix_socket",
    runtimes: ["node"],
    unframed: true,
    entries: {
      W1: { placements: ["b", "c"], limit: "stream" },
      W2: { placements: ["b", "c"], limit: "seqpacket" },
      W3: { placements: ["a", "b", "c"], limit: "seqpacket" },
    },
  },
  "unix-dgram": {
    file: "unix_dgram",
    runtimes: ["node"],
    unframed: true,
    unavailable: "its native part has to be built against this Node's headers, which npm does not bring",
    entries: {
      W1: { placements: ["b"], limit: "stream" },
      W2: { placements: ["b"], limit: "seqpacket" },
      W3: { placements: ["a", "b"], limit: "seqpacket" },
    },
  },
  "postMessage": {
    file: "post_message",
    runtimes: ALL,
    unframed: true,
    entries: {
      W1: { placements: ["c"], limit: "stream" },
      W2: { placements: ["c"], limit: "seqpacket" },
      W3: { placements: ["c"], limit: "seqpacket", quick: ["c"] },
    },
  },
  "postMessage, transfer": {
    file: "post_message",
    runtimes: ALL,
    entries: { W1: { placements: ["c"], limit: "stream" } },
  },
};

/** Loads a contestant's code. */
export async function load(name: string): Promise<Contestant> {
  const listing = ROSTER[name];
  if (listing === undefined) throw new Error(`There is no contestant "${name}"`);
  const module = await import(`./contestants/${listing.file}.ts`) as { contestant(name: string): Contestant };
  return module.contestant(name);
}
