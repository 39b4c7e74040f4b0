/** What every test file starts with: one suite for all runtimes, and a census of descriptors around every test. */

import { type EndOf, socketpair } from "../mod.ts";
import { isSpent, onceRenewed, spend } from "../ffi/budget.ts";
import assert from "node:assert/strict";
import { spawn, type SpawnOptions } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";
import { test as nodeTest } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export { assert, delay };

/** An end whose chunks are messages. */
export type MessageEnd = EndOf<"messages">;

/** The kinds of socket. */
export const TYPES = ["stream", "seqpacket", "dgram"] as const;

/** Those whose two ends notice that the other has ended. */
export const CONNECTED = ["stream", "seqpacket"] as const;

/** Which runtime runs the test. */
export const runtime: "deno" | "bun" | "node" = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";

/** Whether this runtime is linked with musl, not with glibc. */
export const musl: boolean = /\/ld-musl-|-musl\/libc\.so/.test(readFileSync("/proc/self/maps", "utf8"));

/** `SOCKETPAIR_FULL=1`: every test on every runtime, and as often as it can be. */
export const full: boolean = process.env["SOCKETPAIR_FULL"] === "1";

/** How often something is done that is dear to do: by default a quarter of `count`. */
export function quarter(count: number): number {
  return full ? count : Math.ceil(count / 4);
}

/** Why one of many tests of a kind is skipped on this runtime: each of them runs on two of the three. */
export function onTwo(index: number): string | false {
  const place = index + ["deno", "bun", "node"].indexOf(runtime);
  return !full && place % 3 === 0 && "the two other runtimes run it; here with SOCKETPAIR_FULL=1";
}

/** Why a test of what is the same on every runtime is skipped on this one; false on the runtime that has it by default. */
export function onlyOn(name: typeof runtime): string | false {
  return !full && name !== runtime && `it is the same on every runtime, ${name} runs it; here with SOCKETPAIR_FULL=1`;
}

/** What this process has open of the kinds that the module opens. */
function openDescriptors(): string[] {
  const open: string[] = [];
  for (const fd of readdirSync("/proc/self/fd")) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      if (/^socket:|eventfd|eventpoll|memfd|^pipe:/.test(target)) open.push(`${fd} ${target}`);
    } catch {
      // The descriptor of the listing itself.
    }
  }
  return open;
}

/** What is open is given back a moment after the end is closed (the poller's thread has to come home first). */
async function settled(before: string[]): Promise<string[]> {
  const known = new Set(before);
  let leaked: string[] = [];
  for (let attempt = 0; attempt < 100; attempt += 1) {
    leaked = openDescriptors().filter((descriptor) => !known.has(descriptor));
    if (leaked.length === 0) break;
    await delay(10);
  }
  return leaked;
}

let warm: Promise<void> | undefined;

/** Waits once. Bun's thread for waiting is started by that, and keeps descriptors of Bun's own for good. */
async function warmUp(): Promise<void> {
  const pollers = () => openDescriptors().filter((descriptor) => descriptor.includes("eventpoll")).length;
  const before = pollers();
  const [left, right] = socketpair();
  const reading = right.readable.getReader().read();
  for (let tries = 0; tries < 400 && pollers() === before; tries += 1) await delay(5);
  left[Symbol.dispose]();
  await reading;
  right[Symbol.dispose]();
  await delay(20);
}

/** Renews the thread's budget: what earlier tests have moved would make a later test wait for a turn of the event loop. */
export async function renewBudget(): Promise<void> {
  spend(16 * 1024 * 1024);
  if (isSpent()) await new Promise<void>(onceRenewed);
}

/** How a test may differ from the default. */
export interface TestOptions {
  /** Milliseconds it may take; 30,000 unless given. */
  timeout?: number;
  /** Why it does not run here, if it does not. */
  skip?: string | false;
  /** Whether descriptors are counted; true unless given. */
  census?: boolean;
}

/** Names of tests that an emulator cannot do: a regular expression, see `tools/arm64.sh`. */
const leftOut = process.env["SOCKETPAIR_SKIP"] ? new RegExp(process.env["SOCKETPAIR_SKIP"]) : undefined;

/** A test after which exactly those descriptors are open that were open before. */
export function test(name: string, body: () => void | Promise<void>, options: TestOptions = {}): void {
  const { timeout = 30_000, census = true } = options;
  const skip = options.skip || (leftOut?.test(name) === true && "SOCKETPAIR_SKIP");
  nodeTest(skip ? `${name} (skipped: ${skip})` : name, { timeout, skip: skip !== false }, async () => {
    if (census) await (warm ??= warmUp());
    const before = openDescriptors();
    await renewBudget();
    await body();
    if (census) assert.deepEqual(await settled(before), [], "descriptors were left open");
  });
}

/** The command that runs a script of `tests/` or `examples/` in a runtime, by default this one. */
export function commandFor(script: string, name: typeof runtime = runtime): [string, string[]] {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const bin = fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));
  const program = name === runtime ? process.execPath : bin;
  return [program, name === "deno" ? ["run", "-A", "--no-check", path] : [path]];
}

type Slot = "inherit" | "ignore" | "pipe" | number | object;

/** `stdio` with ends in some slots: 0 to 2 are inherited unless given, what is left out above is not open. */
export function stdioOf(ends: Readonly<Record<number, object>>, others: readonly Slot[] | Slot = []): Slot[] {
  const given: readonly Slot[] = Array.isArray(others) ? others : [others, others, others] as Slot[];
  const length = Math.max(3, given.length, ...Object.keys(ends).map((slot) => Number(slot) + 1));
  return Array.from({ length }, (_, slot) => ends[slot] ?? given[slot] ?? (slot < 3 ? "inherit" : "ignore"));
}

/** How a process ended, and what it printed. */
export interface Outcome {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, at most `timeout` milliseconds. */
export function run(
  program: string,
  args: string[],
  options: SpawnOptions & { timeout?: number } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      timeout: 20_000,
      killSignal: "SIGKILL",
      ...options,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout!.setEncoding("utf8").on("data", (text: string) => stdout += text);
    child.stderr!.setEncoding("utf8").on("data", (text: string) => stderr += text);
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs a script of `tests/` or `examples/` in this runtime, at most 20 seconds. */
export function runScript(
  script: string,
  args: string[] = [],
  options: SpawnOptions & { timeout?: number } = {},
): Promise<Outcome> {
  const [program, prefix] = commandFor(script);
  return run(program, [...prefix, ...args], options);
}
