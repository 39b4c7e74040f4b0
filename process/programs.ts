import type { ChildProcess } from "./child_process.ts";
import type { PipelineStdio } from "./stdio.ts";

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** How a program ended. */
export interface ExitStatus {
  /** The program and its arguments. */
  readonly command: Command;
  /** Whether its exit code is 0. A program whose reader needs no more of it is ended by SIGPIPE, which is not. */
  readonly ok: boolean;
  /** Its exit code; null if a signal ended it, or if it could not be started. */
  readonly code: number | null;
  /** The signal that ended it, as `"SIGPIPE"`, if one did. */
  readonly signal: string | null;
  /** Why it could not be started. */
  readonly error?: Error;
}

/** Programs that were joined. */
export interface Pipeline {
  /** The programs, in order. */
  readonly children: readonly ChildProcess[];
  /** How each of them ended, in order. Resolves when all have, and never rejects. */
  readonly statuses: Promise<ExitStatus[]>;
  /**
   * Sends a signal to every program that runs: SIGTERM unless another is given. With `detached: true` it goes to the whole group
   * of each: to what the program has started, too.
   *
   * - A program that has ended gets none, nor does its group: its number may be another's now.
   * - In Deno a group needs `--allow-run` without names of programs. With names only the programs themselves get the signal.
   *
   * @returns Whether one was sent
   * @throws The runtime's own error for a signal that there is not
   */
  kill(signal?: string | number): boolean;
}

/** What all programs that are joined have in common. */
export interface ProgramsOptions {
  /** Standard error of every program; the parent's own unless given. An end moves to all of them. */
  readonly stderr?: PipelineStdio | undefined;
  /** The folder they start in; this process's own unless given. */
  readonly cwd?: string | URL | undefined;
  /** Their environment; this process's own unless given. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Whether each leads a process group and session of its own. `kill()` and `signal` then end its whole group. */
  readonly detached?: boolean | undefined;
  /** Ends all of them by SIGTERM when it is aborted, as {@linkcode Pipeline.kill} does. */
  readonly signal?: AbortSignal | undefined;
}
