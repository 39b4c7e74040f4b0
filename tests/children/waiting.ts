/** A worker that waits for what never comes, or plays ping-pong for ever, until it is terminated. */

import process from "node:process";
import type { SocketEnd } from "../../mod.ts";
import { orders, tell } from "./_port.ts";

/** How it waits, for ping-pong with which descriptor, and how it ends if not by being terminated. */
export interface Wait {
  readonly how: "read" | "write" | "unref" | "ping-pong";
  readonly fd?: number;
  readonly end?: "throw" | "exit";
}

const { how, fd = -1, end } = await orders<Wait>();
tell("begun");
// Only now, so that it can be terminated in the middle of that too.
const streams = await import("../../mod.ts");
/** So many round trips, and the ping-pong is under way. */
const ROUNDS = 100;
/** What is not referred to, the collector closes. */
const kept: SocketEnd[] = [];
Object.assign(globalThis, { kept });

function pair(): readonly [SocketEnd, SocketEnd] {
  const [left, right] = streams.socketpair({ type: "seqpacket" });
  kept.push(left, right);
  return [left, right];
}

async function pingPong(end: SocketEnd): Promise<void> {
  const writer = end.writable.getWriter();
  const reader = end.readable.getReader();
  for (let round = 1;; round += 1) {
    await writer.write(new Uint8Array(64));
    await reader.read();
    if (round === ROUNDS) tell("waiting");
  }
}

if (how === "ping-pong") {
  void pingPong(streams.SocketEnd.from(fd));
} else {
  for (let count = 0; count < 3; count += 1) {
    const [left] = pair();
    if (how === "unref") left.unref();
    left.readable.getReader().read();
  }
  if (how === "write") {
    const writer = pair()[0].writable.getWriter();
    for (let count = 0; count < 8; count += 1) writer.write(new Uint8Array(64 * 1024));
  }
  // What the worker does besides, so that it is not over at once.
  if (how === "unref") setInterval(() => {}, 1000);
  // Long enough for the wait to have left this thread, which begins with starting another one in Bun and Node.
  setTimeout(() => {
    tell("waiting");
    if (end === "exit") process.exit(7);
    if (end === "throw") throw new Error("thrown on purpose");
  }, 40);
}
