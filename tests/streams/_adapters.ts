/** For tests: what Node's adapters make of an end, and the ways to read it to the end. */

import { type SocketEnd, socketpair, type SocketType } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { Buffer } from "node:buffer";
import { createInterface } from "node:readline";
import { Duplex, type Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { finished, pipeline } from "node:stream/promises";
import type { ReadableWritablePair as NodePair } from "node:stream/web";

/** What a peer says before it goes. */
export const SAID = "hi\nthere\n";

/** Node's Duplex of an end. Records are objects: an empty one is no end. */
export function duplexOf(end: SocketEnd): Duplex {
  return Duplex.fromWeb(end as unknown as NodePair, { objectMode: end.type === "seqpacket" });
}

/** Ways to read one of Node's streams to its end. None has an error listener of its own. */
export const WAYS: Record<string, (stream: Readable) => Promise<string>> = {
  "for await": async (stream) => {
    let said = "";
    for await (const part of stream) said += Buffer.from(part);
    return said;
  },
  events: (stream) =>
    new Promise((resolve) => {
      let said = "";
      stream.on("data", (part: Uint8Array) => said += Buffer.from(part)).on("close", () => resolve(said));
    }),
  "text()": text,
  "finished()": async (stream) => {
    let said = "";
    stream.on("data", (part: Uint8Array) => said += Buffer.from(part));
    await finished(stream);
    return said;
  },
  "pipeline()": async (stream) => {
    let said = "";
    const write = (part: Uint8Array, _: unknown, done: () => void) => {
      said += Buffer.from(part);
      done();
    };
    await pipeline(stream, new Writable({ objectMode: true, write }));
    return said;
  },
  readline: async (stream) => {
    let said = "";
    for await (const line of createInterface({ input: stream })) said += `${line}\n`;
    return said;
  },
};

/** An end whose peer says it and goes, and to which nothing is written. */
export const PEERS: Record<string, (type: SocketType) => Promise<SocketEnd> | SocketEnd> = {
  "a program": (type) => {
    const [ours, theirs] = socketpair({ type });
    spawn("sh", ["-c", "echo hi; sleep 0.02; echo there"], { stdio: [theirs, theirs, "inherit"] });
    return ours;
  },
  "an end": async (type) => {
    const [ours, theirs] = socketpair({ type });
    for (const line of ["hi\n", "there\n"]) await theirs.write(new TextEncoder().encode(line));
    await theirs.close();
    return ours;
  },
};
