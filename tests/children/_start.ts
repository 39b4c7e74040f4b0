/** For tests: starts a script of `tests/children/` and watches it, with an end of a new pair as its descriptor 3 if wanted. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type SocketEnd, socketpair, type SocketPairOptions } from "../../mod.ts";
import { close } from "../../ffi/mod.ts";
import { assert, commandFor, type Outcome } from "../_support.ts";

/** A process that runs a script. */
export interface Child {
  readonly pid: number;
  /** The next line that it prints, or `undefined` when it has ended. */
  line(): Promise<string | undefined>;
  /** Closes its standard input, which is how these scripts are told to go on. */
  goOn(): void;
  /** Whether it lives. */
  alive(): boolean;
  /** Ends it as SIGKILL does. */
  kill(): void;
  /** How it ended, and what it had printed; it is killed after 20 seconds. */
  readonly outcome: Promise<Outcome>;
}

/** Runs a script of `tests/children/`, a Python one by its name's ending, with `fd` as its descriptor 3. */
export function start(script: string, args: string[] = [], fd?: number): Child {
  const [program, prefix] = script.endsWith(".py")
    ? ["python3", [fileURLToPath(new URL(script, import.meta.url))]]
    : commandFor(`tests/children/${script}`);
  const child = spawn(program, [...prefix, ...args], {
    stdio: fd === undefined ? ["pipe", "pipe", "pipe"] : ["pipe", "pipe", "pipe", fd],
  });
  return watch(child);
}

function watch(child: ChildProcess): Child {
  let stdout = "";
  let stderr = "";
  let ended = false;
  child.stdin!.on("error", () => {});
  child.stderr!.setEncoding("utf8").on("data", (text: string) => stderr += text);
  const lines = createInterface({ input: child.stdout! });
  const unread: string[] = [];
  const waiting: ((line: string | undefined) => void)[] = [];
  lines.on("line", (line) => {
    stdout += `${line}\n`;
    const next = waiting.shift();
    if (next === undefined) unread.push(line);
    else next(line);
  });
  const outcome = new Promise<Outcome>((resolve, reject) => {
    const limit = setTimeout(() => child.kill("SIGKILL"), 20_000);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      ended = true;
      clearTimeout(limit);
      for (const next of waiting.splice(0)) next(undefined);
      resolve({ code, signal, stdout, stderr });
    });
  });
  return {
    pid: child.pid!,
    outcome,
    line: () =>
      unread.length > 0 || ended ? Promise.resolve(unread.shift()) : new Promise((next) => waiting.push(next)),
    goOn: () => void child.stdin!.end(),
    alive: () => child.exitCode === null && child.signalCode === null,
    kill: () => void child.kill("SIGKILL"),
  };
}

/** Makes a pair, gives one end to a new process as its descriptor 3 and keeps the other. */
export function handOver(
  script: string,
  args: string[],
  options: Omit<SocketPairOptions, "chunks">,
): [SocketEnd, Child] {
  const [mine, theirs] = socketpair(options);
  const { fd } = theirs.detach();
  try {
    return [mine as SocketEnd, start(script, args, fd)];
  } finally {
    close(fd);
  }
}

/** Waits for the child to end, which it must do in order. */
export async function endsWell(child: Child): Promise<Outcome> {
  const outcome = await child.outcome;
  assert.deepEqual([outcome.code, outcome.signal], [0, null], outcome.stderr);
  return outcome;
}

/** The child must come to its wait, and must still be there after so long that it would have ended otherwise. */
export async function staysAlive(child: Child, milliseconds = 400): Promise<void> {
  assert.equal(await child.line(), "waiting");
  await delay(milliseconds);
  assert.ok(child.alive(), "the process has ended although it waits");
}
