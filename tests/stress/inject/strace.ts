/** Makes chosen system calls of `carry.ts` fail, by strace(1): the kernel does not see them. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, commandFor, run } from "../../_support.ts";
import { BEGINS, ENDS, type Report } from "./report.ts";

const MARKED = "?stat,newfstatat,statx";

/** What the module asks of the kernel to carry something, as far as it can be refused. */
export const CALLS = [
  ...[
    "socketpair",
    "getsockopt",
    "setsockopt",
    "fcntl",
    "sendmsg",
    "recvmsg",
    "sendmmsg",
    "recvmmsg",
    "shutdown",
    "close",
  ],
  ...["epoll_create1", "epoll_ctl", "epoll_wait", "eventfd2", "poll"],
] as const;

/** One run with a fault. */
export interface Injection {
  readonly kind: string;
  /** See `carry.ts`. */
  readonly how: string;
  readonly call: typeof CALLS[number];
  /** `"error=ENOMEM"`, or `"retval=1"` for a result that is not true. */
  readonly what: string;
  /** Which calls of those that are made while carrying, as `"1"`, `"7"` or `"3+5"`: from the third on every fifth. */
  readonly when: string;
}

/** What came of it. */
export interface Injected extends Report {
  /** The calls that failed, as strace writes them. */
  readonly hits: readonly string[];
}

/** What a run has left behind. */
export interface Trace {
  readonly report: Report | undefined;
  readonly failure: string;
  /** What came before the carrying, and during it, in whole lines. */
  readonly before: readonly string[];
  readonly during: readonly string[];
  /** The thread that carries. */
  readonly thread: string;
}

/** Puts calls together again that another thread's call has cut in two. */
function wholeLines(log: string): string[] {
  const begun = new Map<string, string>();
  const lines: string[] = [];
  for (const line of log.split("\n")) {
    const [, thread, rest] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (thread === undefined || rest === undefined) continue;
    const [, resumed] = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest) ?? [];
    if (rest.endsWith("<unfinished ...>")) begun.set(thread, rest.slice(0, -"<unfinished ...>".length));
    else lines.push(`${thread} ${resumed === undefined ? rest : (begun.get(thread) ?? "") + resumed}`);
  }
  return lines;
}

const [program, prefix] = commandFor("tests/stress/inject/carry.ts");

async function traced(options: readonly string[], args: readonly string[]): Promise<Trace> {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
  const path = join(folder, "log");
  try {
    const { code, signal, stdout, stderr } = await run("strace", [
      ...["-f", "-I2", "-y", "-qq", "--seccomp-bpf", "-e", "signal=none", "-o", path],
      ...options,
      ...[program, ...prefix, ...args],
      // SIGTERM goes on to the script, SIGKILL would leave it behind.
    ], { timeout: 15_000, killSignal: "SIGTERM" });
    const lines = wholeLines(readFileSync(path, "utf8"));
    const begin = lines.findIndex((line) => line.includes(BEGINS));
    const end = lines.findIndex((line) => line.includes(ENDS));
    const before = begin === -1 ? lines : lines.slice(0, begin);
    const during = begin === -1 ? [] : lines.slice(begin + 1, end === -1 ? undefined : end);
    const works = code === 0 && stdout.startsWith("{");
    return {
      report: works ? JSON.parse(stdout) as Report : undefined,
      failure: `ended with ${code ?? signal}: ${stdout}${stderr}\n${during.slice(-20).join("\n")}`,
      before,
      during,
      thread: lines[begin]?.split(" ")[0] ?? "",
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Carries without a fault.
 *
 * @param calls Which calls to trace, as strace names them
 */
export async function carryTraced(kind: string, how: string, calls: string): Promise<Trace> {
  const trace = await traced(["-e", `trace=${calls},${MARKED}`], [kind, how]);
  assert.ok(trace.report !== undefined, trace.failure);
  return trace;
}

const counted = new Map<boolean, Promise<Trace>>();

/** How many such calls the carrying thread makes before it begins to carry: strace counts those too. */
async function callsBefore(call: string, how: string): Promise<number> {
  const worker = how === "worker";
  if (!counted.has(worker)) {
    // The first run fills Node's compile cache, where there is one, and so makes other calls than all that follow.
    const filled = run(program, [...prefix, "seqpacket", how]);
    counted.set(worker, filled.then(() => carryTraced("seqpacket", how, CALLS.join(","))));
  }
  return madeBefore(call, (await counted.get(worker))!);
}

function madeBefore(call: string, { before, thread }: Trace): number {
  return before.filter((line) => line.startsWith(`${thread} ${call}(`)).length;
}

function shifted(when: string, shift: number): string {
  const [first, step] = when.split("+");
  return `${Number(first) + shift}${step === undefined ? "" : `+${step}`}`;
}

const isHit = (line: string): boolean => line.endsWith("(INJECTED)");

/**
 * Carries with a fault.
 *
 * @param elsewhere Whether another thread makes the call, which strace counts by itself
 * @throws {assert.AssertionError} If the script does not come to its end
 */
export async function carryWith(injection: Injection, elsewhere: boolean): Promise<Injected> {
  const { kind, how, call, what, when } = injection;
  let offset = elsewhere ? 0 : await callsBefore(call, how);
  for (let attempt = 0;; attempt += 1) {
    const fault = `inject=${call}:${what}:when=${shifted(when, offset)}`;
    const trace = await traced(["-e", `trace=${call},${MARKED}`, "-e", fault], [kind, how]);
    const { report, failure, before, during } = trace;
    const made = before.some(isHit) ? offset + 1 : madeBefore(call, trace);
    // The runtime has made a call more or less than usual on its way to the script.
    if (!elsewhere && attempt < 8 && made !== offset) {
      offset = made;
      continue;
    }
    assert.ok(report !== undefined, failure);
    return { ...report, hits: during.filter(isHit) };
  }
}
