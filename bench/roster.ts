/** The contestants: where they run, in what, and what they are compared with. */

import type { Contestant, Hand, Runtime, Workload } from "./port.ts";

/** How a contestant is used. Only what is used alike is compared. */
export type Kind =
  | "calls" // one call, or one callback, for each piece
  | "streams" // Web Streams with their default readers
  | "BYOB" // Web Streams with a reader that brings its buffer
  | "batches" // streams of arrays of records
  | "gathered" // many records in one write and one read
  | "messages"; // the runtime's own messages, a record each

/** One contestant in one workload. */
export interface Entry {
  readonly workload: Workload;
  readonly kind: Kind;
  readonly runtime: Runtime | "c";
  readonly contestant: string;
  readonly ours: boolean;
  /** Whether it takes part in the quick form. */
  readonly quick: boolean;
}

/** The module by its name, and the same with another build of it (`--base`). */
export const OURS = "@socketpair/streams";
export const BASE = "base";

const ALL: readonly Runtime[] = ["deno", "bun", "node"];
const C = ["C", "C, one core", "C, two cores"];

type Line = readonly [Kind, names: readonly string[], runtimes: readonly (Runtime | "c")[], quick?: "quick"];

const BY_CALLS: readonly Line[] = [
  ["calls", C, ["c"], "quick"],
  ["calls", [`${OURS}, calls`], ALL, "quick"],
  ["calls", ["Deno.connect, read/write"], ["deno"], "quick"],
  ["calls", ["Bun.connect"], ["bun"], "quick"],
  ["calls", ["node:net"], ["node"], "quick"],
  ["calls", ["node:net"], ["bun"]],
];

const ROUND_TRIPS: readonly Line[] = [
  ...BY_CALLS,
  ["streams", [`${OURS}, streams`], ALL],
  ["streams", ["Deno.connect, streams"], ["deno"]],
  ["streams", ["Duplex.toWeb(net.Socket)"], ["node"]],
];

const ROSTER: Record<Workload, readonly Line[]> = {
  chunks: [
    ...BY_CALLS,
    ["BYOB", [`${OURS}, BYOB`], ALL],
    ["BYOB", ["Deno.connect, BYOB"], ["deno"]],
    ["BYOB", ["Duplex.toWeb(net.Socket), BYOB"], ["node"]],
    ["streams", [`${OURS}, streams`], ALL],
    ["streams", ["Deno.connect, streams"], ["deno"]],
    ["streams", ["Bun.spawn pipes"], ["bun"]],
    ["streams", ["Duplex.toWeb(net.Socket)"], ["node"]],
  ],
  records: [
    ["calls", C, ["c"], "quick"],
    ["calls", [`${OURS}, calls`], ALL, "quick"],
    ["calls", ["Bun.connect({ fd })"], ["bun"]],
    ["calls", ["node-unix-socket"], ["node"]],
    ["streams", [`${OURS}, streams`], ALL],
    ["batches", [`${OURS}, batches`], ALL, "quick"],
    ["messages", ["child process ipc"], ["bun", "node"]],
  ],
  framed: [
    ["gathered", C, ["c"], "quick"],
    ["gathered", [`${OURS}, gathered write and batch read`], ALL],
    ["gathered", ["Deno.connect, read/write"], ["deno"], "quick"],
    ["gathered", ["Bun.connect"], ["bun"], "quick"],
    ["gathered", ["node:net"], ["node"], "quick"],
    ["gathered", ["node:net"], ["bun"]],
    ["batches", [`${OURS}, batches`], ALL, "quick"],
    ["streams", [`${OURS}, streams`], ALL],
    ["calls", [`${OURS}, calls, each awaited`], ALL],
  ],
  "round trips": ROUND_TRIPS,
  thought: ROUND_TRIPS,
  worker: [
    ["batches", [`${OURS}, framed batches`], ALL, "quick"],
    ["messages", ["postMessage"], ALL, "quick"],
    ["gathered", ["postMessage, framed by hand"], ALL],
  ],
  start: [
    ["calls", [`${OURS}, calls`], ALL, "quick"],
    ["calls", ["Deno.connect, read/write"], ["deno"], "quick"],
    ["calls", ["Bun.connect"], ["bun"], "quick"],
    ["calls", ["node:net"], ["node"], "quick"],
  ],
};

export const WORKLOADS = Object.keys(ROSTER) as Workload[];

/** All of a workload, ours with a base too if there is one to compare with. */
export function entriesOf(workload: Workload, base: boolean): Entry[] {
  return ROSTER[workload].flatMap(([kind, names, runtimes, quick]) =>
    names.flatMap((name) =>
      runtimes.flatMap((runtime) => {
        const ours = name.startsWith(OURS);
        const entry = { workload, kind, runtime, contestant: name, ours, quick: quick === "quick" };
        return ours && base ? [entry, { ...entry, contestant: name.replace(OURS, BASE), ours: false }] : [entry];
      })
    )
  );
}

/** The file with a contestant's code. */
const FILES: readonly [start: string, file: string][] = [
  [OURS, "ours"],
  [BASE, "ours"],
  ["Deno.connect", "deno_connect"],
  ["Bun.connect", "bun_connect"],
  ["Bun.spawn", "bun_spawn"],
  ["node:net", "node_net"],
  ["Duplex.toWeb", "node_net"],
  ["node-unix-socket", "node_unix_socket"],
  ["child process ipc", "messages"],
  ["postMessage", "messages"],
];

/** Loads a contestant's code. */
export async function load({ contestant, module }: Hand): Promise<Contestant> {
  const file = FILES.find(([start]) => contestant.startsWith(start))?.[1];
  if (file === undefined) throw new Error(`There is no contestant "${contestant}"`);
  const code = await import(`./contestants/${file}.ts`) as {
    contestant(name: string, module: string): Contestant | Promise<Contestant>;
  };
  return await code.contestant(contestant, module);
}
