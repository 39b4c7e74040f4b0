/** Runs one measurement in a process of its own, bounded in time. */

import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { SCRIPT_ARGUMENTS } from "./launch.ts";
import { type Cell, loadOf } from "./plan.ts";
import type { Runtime } from "./roster.ts";

const CONTESTANT = fileURLToPath(new URL("./contestant.ts", import.meta.url));
const LIMIT_SOURCE = fileURLToPath(new URL("./limit.c", import.meta.url));

/** One measurement's answer. */
export interface Sample {
  /** Nanoseconds an operation. */
  readonly time: number;
  /** Nanoseconds on a processor an operation, of both sides. */
  readonly cpu?: number;
  readonly operations: number;
  readonly threads?: number;
  readonly memory?: number;
  /** The share of the host's waits that trying again has ended before it parked. */
  readonly spared?: number;
}

interface Answer {
  skip?: string;
  error?: string;
  operations: number;
  seconds: number;
  cpu?: number;
  threads?: number;
  memory?: number;
  hits?: number;
  misses?: number;
}

/** A measurement that has no number, and why. `skip`: it cannot run here at all. */
export class NoSample extends Error {
  readonly skip: boolean;

  constructor(message: string, skip: boolean) {
    super(message);
    this.skip = skip;
  }
}

/** Which runtime runs this script. */
export const RUNNING: Runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";

/** The program of a runtime: this one's own, the one installed beside the sources, or what PATH has. */
export function programOf(runtime: Runtime): string {
  if (runtime === RUNNING) return process.execPath;
  const installed = fileURLToPath(new URL(`../node_modules/.bin/${runtime}`, import.meta.url));
  return existsSync(installed) ? installed : runtime;
}

/** A runtime's version, or `undefined` if it is not there. */
export function versionOf(runtime: Runtime): string | undefined {
  const { status, stdout } = spawnSync(programOf(runtime), ["--version"], { encoding: "utf8", timeout: 10_000 });
  return status === 0 ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined;
}

/** Compiles the C program into a folder. Returns its path, or why there is none. */
export function compileLimit(folder: string): { program: string } | { skip: string } {
  const program = join(folder, "limit");
  const { status, error, stderr } = spawnSync("cc", ["-O2", "-pthread", "-o", program, LIMIT_SOURCE], {
    encoding: "utf8",
    timeout: 60_000,
  });
  if (status === 0) return { program };
  return { skip: error === undefined ? `cc has failed: ${stderr.split("\n")[0]}` : `there is no cc: ${error.message}` };
}

/** Measures one cell once. `limit` is the C program; sockets are put in `folder`. */
export async function measure(cell: Cell, quick: boolean, limit: string | undefined, folder: string): Promise<Sample> {
  const load = loadOf(cell.workload, quick);
  const timeout = quick ? 6 : 15;
  const [program, args] = cell.runtime === "c"
    ? [
      limit!,
      [cell.limit, cell.workload, cell.placement, `${load.warm}`, `${load.count}`, `${cell.channels}`],
    ] as const
    : [programOf(cell.runtime), [
      ...SCRIPT_ARGUMENTS[cell.runtime]!,
      CONTESTANT,
      cell.runtime,
      cell.contestant,
      cell.workload,
      cell.placement,
      JSON.stringify({ ...load, channels: cell.channels, timeout, folder }),
    ]] as const;
  const answer = await ask(program, args, timeout + 2);
  const { operations, seconds, cpu, threads, memory, hits = 0, misses = 0 } = answer;
  return {
    time: seconds / operations * 1e9,
    operations,
    ...(cpu === undefined ? {} : { cpu: cpu / operations * 1e9 }),
    ...(threads === undefined ? {} : { threads }),
    ...(memory === undefined ? {} : { memory }),
    ...(hits + misses === 0 ? {} : { spared: hits / (hits + misses) }),
  };
}

async function ask(program: string, args: readonly string[], timeout: number): Promise<Answer> {
  // A group of its own, so that a guest cannot be left behind.
  const child = spawn(program, [...args], { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const timer = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), timeout * 1000);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const code = await new Promise<number | string>((resolve) => {
    child.on("error", (reason) => resolve(reason.message));
    child.on("close", (status, signal) => resolve(status ?? signal ?? "unknown"));
  });
  clearTimeout(timer);
  const line = stdout.trim().split("\n").at(-1) ?? "";
  const answer: Answer | undefined = line.startsWith("{") ? JSON.parse(line) : undefined;
  if (answer?.skip !== undefined) throw new NoSample(answer.skip, true);
  if (answer === undefined || answer.error !== undefined || code !== 0) {
    throw new NoSample(
      answer?.error ?? `ended with ${code}: ${stderr.trim().split("\n").slice(0, 3).join(" | ")}`,
      false,
    );
  }
  return answer;
}
