import { checkCommand, checkObject, checkOptions, checkStdio, kindOf } from "./_checks.ts";
import type { ChildProcess } from "./child_process.ts";
import { Lent } from "./_lent.ts";
import type { Command, ExitStatus, Pipeline, ProgramsOptions } from "./programs.ts";
import { start } from "./_start.ts";
import type { PipelineStdio } from "./stdio.ts";

/** The names of the options that all programs have in common. */
const COMMON = ["stderr", "cwd", "env", "signal"] as const;

/** A program, and what its standard input and output are to be. */
export interface Part {
  readonly command: Command;
  readonly stdin: PipelineStdio;
  readonly stdout: PipelineStdio;
}

/** Checks the programs and the options before anything is opened or started. */
export function checkPrograms(
  act: string,
  commands: readonly unknown[],
  options: ProgramsOptions,
  stdio: readonly string[] = [],
): void {
  for (const command of commands) {
    if (!Array.isArray(command)) throw new TypeError(`${act}: a command must be an array, not ${kindOf(command)}`);
    const [program, ...args] = command;
    checkCommand(act, program, args);
  }
  checkObject(act, "options", options);
  checkOptions(act, options, [...stdio, ...COMMON]);
  const given: Readonly<Record<string, unknown>> = { ...options };
  for (const name of [...stdio, "stderr"]) {
    if (given[name] !== undefined) checkStdio(act, name, given[name], ["inherit", "ignore"]);
  }
  const { env, signal } = options;
  if (env !== undefined) checkObject(act, "env", env);
  if (signal === undefined) return;
  if (typeof signal?.addEventListener !== "function") {
    throw new TypeError(`${act}: signal must be an AbortSignal, not ${kindOf(signal)}`);
  }
  signal.throwIfAborted();
}

/**
 * Starts programs that have been checked. From the first one on that was started, the ends among their descriptors belong to
 * them: whatever becomes of the others, the peer of an end sees it closed when no program has it.
 */
export function startAll(parts: readonly Part[], options: ProgramsOptions): Pipeline {
  const { stderr = "inherit", signal, cwd, env } = options;
  const lent = new Lent([...parts.flatMap(({ stdin, stdout }) => [stdin, stdout]), stderr]);
  const children: ChildProcess[] = [];
  const statuses: Promise<ExitStatus>[] = [];
  try {
    for (const { command, stdin, stdout } of parts) {
      const [program, ...args] = command;
      const child = start(program, args, [stdin, stdout, stderr], lent, { cwd, env });
      children.push(child);
      statuses.push(statusOf(command, child));
    }
  } finally {
    if (children.length > 0) lent.moved();
  }
  return { children, statuses: endedBy(signal, children, Promise.all(statuses)) };
}

function statusOf(command: Command, child: ChildProcess): Promise<ExitStatus> {
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ command, ok: false, code: null, signal: null, error }));
    child.on("exit", (code, signal) => resolve({ command, ok: code === 0, code, signal }));
  });
}

/** Ends the children when the signal is aborted, for as long as one of them runs. */
function endedBy<T>(signal: AbortSignal | undefined, children: ChildProcess[], ended: Promise<T>): Promise<T> {
  if (signal === undefined) return ended;
  const end = (): void => {
    for (const child of children) if (child.pid !== undefined) child.kill();
  };
  signal.addEventListener("abort", end);
  return ended.finally(() => signal.removeEventListener("abort", end));
}
