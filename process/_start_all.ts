import { checkCommand, checkObject, knownOptions, shown, takeStdio } from "./_checks.ts";
import type { ChildProcess } from "./child_process.ts";
import { GivenEnds } from "./_given_ends.ts";
import { nodeKill } from "./_node.ts";
import type { Command, ExitStatus, Pipeline, ProgramsOptions } from "./programs.ts";
import { start, variablesOf } from "./_start.ts";
import type { Stdio } from "./stdio.ts";
import { isSystemError } from "./_unstarted.ts";

/** The names of the options that all programs have in common. */
const COMMON = ["stderr", "cwd", "env", "detached", "signal"] as const;

/** A program, and what its standard input and output are to be. */
export interface Part {
  readonly command: Command;
  readonly stdin: Stdio;
  readonly stdout: Stdio;
}

/** Takes the programs and what they have in common, each read once, and checks it before anything is opened or started. */
export function takePrograms<Options extends ProgramsOptions>(
  act: string,
  given: readonly unknown[],
  options: Options,
  others: readonly (string & keyof Options)[] = [],
): { commands: Command[]; options: Options } {
  const commands = given.map((command) => {
    if (!Array.isArray(command)) throw new TypeError(`${act}: a command must be an array, not ${shown(command)}`);
    const [program, ...args] = command;
    checkCommand(act, program, args);
    return [program, ...args] as Command;
  });
  checkObject(act, "options", options);
  const taken = knownOptions(act, options, [...others, ...COMMON]);
  const { env, signal } = taken;
  if (env !== undefined) checkObject(act, "env", env);
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw new TypeError(`${act}: signal must be an AbortSignal, not ${shown(signal)}`);
  }
  signal?.throwIfAborted();
  return { commands, options: taken };
}

/** What is to be a standard descriptor of programs that are joined; this process's own unless given. */
export function takeJoined(act: string, name: string, value: unknown, words: readonly string[] = []): Stdio {
  return value === undefined ? "inherit" : takeStdio(act, name, value, ["inherit", "ignore", ...words]);
}

/**
 * Starts programs that have been checked. From the first one on that was started, the ends among their descriptors belong to
 * them. The peer of an end sees it closed when no program has it, also where a later program could not be started.
 */
export function startAll(act: string, parts: readonly Part[], options: ProgramsOptions): Pipeline {
  const { signal, cwd, detached } = options;
  const env = options.env && variablesOf(options.env);
  const stderr = takeJoined(act, "stderr", options.stderr);
  const ends = new GivenEnds([...parts.flatMap(({ stdin, stdout }) => [stdin, stdout]), stderr]);
  const children: ChildProcess[] = [];
  const statuses: Promise<ExitStatus>[] = [];
  try {
    for (const { command, stdin, stdout } of parts) {
      const [program, ...args] = command;
      const child = start(program, args, [stdin, stdout, stderr], ends, { cwd, env, detached });
      children.push(child);
      statuses.push(statusOf(command, child));
    }
  } finally {
    if (children.length > 0) ends.moved();
  }
  const kill = (by?: string | number): boolean =>
    children.map((child) => killOne(child, by, detached === true)).includes(true);
  return { children, statuses: endedBy(signal, kill, Promise.all(statuses)), kill };
}

/** Sends a signal to a program that runs, or to its group. Gives whether it was sent. */
function killOne(child: ChildProcess, signal: string | number | undefined, group: boolean): boolean {
  const { pid, exitCode, signalCode } = child;
  if (pid === undefined || exitCode !== null || signalCode !== null) return false;
  if (!group) return child.kill(signal);
  try {
    return nodeKill(-pid, signal);
  } catch (error) {
    if (isSystemError(error) && (error as { code?: unknown }).code !== "EINVAL") return false;
    // Deno with --allow-run=<programs> permits no group. A signal that there is not is refused here, too.
    return child.kill(signal);
  }
}

function statusOf(command: Command, child: ChildProcess): Promise<ExitStatus> {
  return new Promise((resolve) => {
    child.on("error", (error) => {
      // Of one that runs it says that a signal could not be sent.
      if (child.pid === undefined) resolve({ command, ok: false, code: null, signal: null, error });
    });
    child.on("exit", (code, signal) => resolve({ command, ok: code === 0, code, signal }));
  });
}

/** Ends the programs when the signal is aborted, for as long as one of them runs. */
function endedBy<T>(signal: AbortSignal | undefined, kill: () => boolean, ended: Promise<T>): Promise<T> {
  if (signal === undefined) return ended;
  const end = (): void => void kill();
  signal.addEventListener("abort", end);
  return ended.finally(() => signal.removeEventListener("abort", end));
}
