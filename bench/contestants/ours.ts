/** This module: its calls and its streams, as a user writes them. */

import { close } from "../../ffi/mod.ts";
import type { SocketEnd, SocketPairOptions } from "../../mod.ts";
import type { Bytes, Contestant, Each, Port, Workload } from "../port.ts";
import { readAll, readWithBuffer, streamPort } from "./_streams.ts";

type End = Pick<SocketEnd, "read" | "write" | "flush"> & {
  readonly readable: ReadableStream<Bytes>;
  readonly writable: WritableStream<Bytes>;
};
type Batches = { readonly readable: ReadableStream<Bytes[]>; readonly writable: WritableStream<readonly Bytes[]> };

/** How an end is used: its options, and its port. */
interface Use {
  readonly options: SocketPairOptions;
  port(end: End): Port;
}

/** What users of bytes gather before they write: see `framed.ts`. */
const FRAMES = 960;
const RECORDS = 64;

async function readCalls(end: End, each: Each): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const length = await end.read(buffer);
    if (length === null) return;
    const wait = each(buffer.subarray(0, length));
    if (wait !== undefined) await wait;
  }
}

const calls = (end: End): Port => ({
  send: (bytes) => end.write(bytes),
  flush: () => end.flush(),
  receive: (each) => readCalls(end, each),
});

/** What is written is awaited when it fills a write, as with the framing of `framed.ts`. */
function gathering(end: End): Port {
  let written = 0;
  return {
    ...calls(end),
    send(bytes) {
      const done = end.write(bytes);
      written += 1;
      return written % FRAMES === 0 ? done : undefined;
    },
  };
}

const streams = (end: End): Port => streamPort(end.readable, end.writable);
const byob = (end: End): Port => ({ ...streams(end), receive: (each) => readWithBuffer(end.readable, each) });

const batchesOf = (size: number) => (end: End): Port => {
  const { readable, writable } = end as unknown as Batches;
  const writer = writable.getWriter();
  let batch: Bytes[] = [];
  const flush = () => {
    const full = batch;
    batch = [];
    return full.length === 0 ? undefined : writer.write(full);
  };
  return {
    send: (bytes) => batch.push(bytes) < size ? undefined : flush(),
    flush,
    receive: (each) =>
      readAll(readable, (records) => {
        let wait: ReturnType<Each> = undefined;
        for (const record of records) wait = each(record) ?? wait;
        return wait;
      }),
  };
};

const PLAIN: Record<string, SocketPairOptions> = { records: { type: "seqpacket" }, worker: { type: "stream" } };
const framed = { framing: "uint32le" } as const;
const framedBatches: Use = { options: { ...framed, chunks: "batches" }, port: batchesOf(FRAMES) };

/** The host's way and, where it is another, the guest's. */
function usesOf(way: string, workload: Workload): readonly [host: Use, guest?: Use] {
  const options = workload === "framed" ? framed : PLAIN[workload] ?? { type: "stream" };
  if (way === "calls" || way === "calls, each awaited") return [{ options, port: calls }];
  if (way === "streams") return [{ options, port: streams }];
  if (way === "BYOB") return [{ options, port: byob }];
  if (way === "gathered write and batch read") return [framedBatches, { options: framed, port: gathering }];
  if (way === "framed batches" || workload === "framed") return [framedBatches];
  if (way === "batches") return [{ options: { ...options, chunks: "batches" }, port: batchesOf(RECORDS) }];
  throw new Error(`There is no way "${way}"`);
}

/** The contestant of that name, of the module at that address. */
export async function contestant(name: string, module: string): Promise<Contestant> {
  const { SocketEnd, socketpair } = await import(module) as typeof import("../../mod.ts");
  const way = name.slice(name.indexOf(", ") + 2);
  return {
    host: (launcher) => {
      const { workload } = launcher.hand;
      const [{ options, port }] = usesOf(way, workload);
      const [left, right] = socketpair(options);
      const { fd } = right.detach();
      launcher.start([fd]);
      // A thread takes the descriptor over; a process has its own.
      if (workload !== "worker") close(fd);
      return Promise.resolve(port(left as unknown as End));
    },
    guest: ({ workload, fds }) => {
      const { options, port } = usesOf(way, workload).at(-1)!;
      return Promise.resolve(port(SocketEnd.from(fds[0]!, options) as unknown as End));
    },
  };
}
