/**
 * Prints what this system and this runtime do: what the kernel answers, what a call costs, how long a wake takes.
 *
 *   deno run -A tools/probe.ts    bun tools/probe.ts    node tools/probe.ts
 */

import { socketpair as openPair } from "../mod.ts";
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  close,
  MSG_DONTWAIT,
  recvmsg,
  sendmsg,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  socketpair,
} from "../ffi/mod.ts";
import { readFileSync } from "node:fs";
import process from "node:process";
import { ask, outcome, QUESTIONS } from "./_probe_kernel.ts";

const TYPES = { STREAM: SOCK_STREAM, DGRAM: SOCK_DGRAM, SEQPACKET: SOCK_SEQPACKET };

function row(name: string, ...cells: string[]): void {
  console.log(`| ${[name, ...cells].join(" | ")} |`);
}

function table(...header: string[]): void {
  console.log("");
  row(header[0]!, ...header.slice(1));
  row("---", ...header.slice(1).map(() => "---"));
}

function nanoseconds(count: number, work: () => void): string {
  const rounds = Array.from({ length: 5 }, () => {
    const begin = performance.now();
    for (let index = 0; index < count; index += 1) work();
    return (performance.now() - begin) / count * 1e6;
  });
  return `${rounds.sort((a, b) => a - b)[2]!.toFixed(0)} ns`;
}

async function wakeMicroseconds(): Promise<string> {
  await using pair = openPair({ type: "seqpacket" });
  const [left, right] = pair;
  const reader = right.readable.getReader();
  const rounds: number[] = [];
  for (let index = 0; index < 200; index += 1) {
    const pending = reader.read();
    // Past the short cut between two ends of one thread: now the kernel must say that there is something.
    await new Promise((resolve) => setTimeout(resolve, 1));
    const begin = performance.now();
    sendmsg(left.fd, { iov: [new Uint8Array(64)] });
    await pending;
    rounds.push((performance.now() - begin) * 1000);
  }
  return `${rounds.sort((a, b) => a - b)[100]!.toFixed(0)} us`;
}

const { Deno, Bun } = globalThis as { Deno?: { version: { deno: string } }; Bun?: { version: string } };
const runtime = Deno ? `Deno ${Deno.version.deno}` : Bun ? `Bun ${Bun.version}` : `Node ${process.versions.node}`;
const release = readFileSync("/proc/sys/kernel/osrelease", "utf8").trim();
console.log(`${runtime} on ${process.platform} ${release} ${process.arch}`);

table("the kernel", ...Object.keys(TYPES));
for (const [name, question] of Object.entries(QUESTIONS)) {
  row(name, ...Object.values(TYPES).map((type) => ask(type, question)));
}

table("socketpair()", "outcome");
const ATTEMPTS: Record<string, [number, number, number]> = {
  "AF_INET": [AF_INET, SOCK_STREAM, 0],
  "AF_INET6": [AF_INET6, SOCK_STREAM, 0],
  "family 99": [99, SOCK_STREAM, 0],
  "type 9": [AF_UNIX, 9, 0],
  "SOCK_RAW": [AF_UNIX, SOCK_RAW, 0],
  "protocol 1 (PF_UNIX)": [AF_UNIX, SOCK_STREAM, 1],
  "protocol 5": [AF_UNIX, SOCK_STREAM, 5],
};
for (const [name, [domain, type, protocol]] of Object.entries(ATTEMPTS)) {
  row(name, outcome(() => socketpair(domain, type, protocol), (pair) => (pair.forEach(close), "a pair")));
}

table(`calling C from ${runtime}`, "median of 5");
const [left, right] = socketpair(AF_UNIX, SOCK_SEQPACKET, 0);
const message = { iov: [new Uint8Array(64)] };
row("recvmsg that would block", nanoseconds(20_000, () => void outcome(() => recvmsg(right, message, MSG_DONTWAIT))));
row(
  "sendmsg and recvmsg of 64 B",
  nanoseconds(20_000, () => {
    sendmsg(left, message, MSG_DONTWAIT);
    recvmsg(right, message, MSG_DONTWAIT);
  }),
);
close(left);
close(right);
row("send on this thread, until a pending read() resolves", await wakeMicroseconds());
