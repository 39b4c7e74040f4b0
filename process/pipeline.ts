import type { ChildProcess } from "node:child_process";
import { type AnyEnd, lendEnd, type SocketEnd } from "../streams/socket_end.ts";
import { type SocketPair, socketpair } from "../streams/socketpair.ts";
import { spawn } from "./spawn.ts";

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** How a program ended. */
export interface ExitStatus {
  /** The program and its arguments. */
  readonly command: Command;
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
  /** How each of them ended, in order. Resolves when all have. */
  readonly statuses: Promise<ExitStatus[]>;
}

/** What is at both ends of a pipeline. */
export interface PipelineOptions {
  /** Standard input of the first program: an end, which moves to it. The parent's own unless given. */
  readonly stdin?: SocketEnd;
  /** Standard output of the last program: an end, which moves to it. The parent's own unless given. */
  readonly stdout?: SocketEnd;
}

/**
 * Joins programs by stream socket pairs, as a shell does by pipes: the output of each is the input of the next. The bytes
 * stay in the kernel, none comes through JavaScript.
 *
 * A program that cannot be started ends the pipeline around it: its neighbours see their peer closed. Unlike a pipe, a
 * socket cannot be opened anew as `/dev/stdin`.
 *
 * @param commands The programs; the last argument may be options
 * @returns The programs, and how they ended
 * @throws {TypeError} If there is no program
 *
 * @example Count the kinds of files
 * ```ts
 * import { pipeline, socketpair } from "@socketpair/streams";
 *
 * const [ours, theirs] = socketpair();
 * const { statuses } = pipeline(["printf", "b\na\nb\n"], ["sort"], ["uniq", "-c"], { stdout: theirs });
 * for await (const bytes of ours.readable) console.log(new TextDecoder().decode(bytes));
 * console.log((await statuses).map(({ code }) => code)); // [0, 0, 0]
 * ```
 */
export function pipeline(...commands: [...Command[], PipelineOptions] | Command[]): Pipeline {
  const given: readonly (Command | PipelineOptions)[] = commands;
  const { stdin, stdout } = given.find(isOptions) ?? {};
  const programs = given.filter(isCommand);
  if (programs.length === 0) throw new TypeError("Cannot start a pipeline: it has no program");
  // Refused before anything is started.
  for (const end of [stdin, stdout]) if (end !== undefined) lendEnd(end);
  if (stdin !== undefined && stdin === stdout && programs.length > 1) {
    throw new TypeError(
      "Cannot start a pipeline: one end cannot be the input of its first program and the output of its last",
    );
  }
  const joints = jointsFor(programs.length);
  return start(programs.map((command, index): Part => [command, {
    0: index === 0 ? stdin : joints[index - 1]![1],
    1: index === programs.length - 1 ? stdout : joints[index]![0],
  }]));
}

/**
 * Joins two programs both ways, as `dpipe` does (`a <=> b`): the output of each is the input of the other.
 *
 * @param first A program
 * @param second The other
 * @returns Both, and how they ended
 */
export function duplex(first: Command, second: Command): Pipeline {
  const [left, right] = socketpair();
  return start([[first, { 0: left, 1: left }], [second, { 0: right, 1: right }]]);
}

/** The pairs between so many programs. If they cannot all be made, none is left open. */
function jointsFor(programs: number): SocketPair[] {
  const joints: SocketPair[] = [];
  try {
    while (joints.length < programs - 1) joints.push(socketpair());
    return joints;
  } catch (error) {
    for (const joint of joints) joint[Symbol.dispose]();
    throw error;
  }
}

/** A program and its ends. */
type Part = readonly [Command, Readonly<Record<number, AnyEnd | undefined>>];

function start(programs: readonly Part[]): Pipeline {
  const parts = programs.map(([command, given]) => ({
    command,
    ends: Object.fromEntries(Object.entries(given).filter(([, end]) => end !== undefined)) as Record<number, AnyEnd>,
  }));
  try {
    const started = parts.map(({ command, ends }) => {
      const [program, ...args] = command;
      const child = spawn(program, args, { ends });
      if (child.pid === undefined) { for (const end of Object.values(ends)) end[Symbol.dispose](); }
      return { child, status: statusOf(command, child) };
    });
    return {
      children: started.map(({ child }) => child),
      statuses: Promise.all(started.map(({ status }) => status)),
    };
  } catch (error) {
    // With their joints closed, the programs that run already come to their end.
    for (const { ends } of parts) for (const end of Object.values(ends)) end[Symbol.dispose]();
    throw error;
  }
}

function statusOf(command: Command, child: ChildProcess): Promise<ExitStatus> {
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ command, code: null, signal: null, error }));
    child.on("exit", (code, signal) => resolve({ command, code, signal }));
  });
}

function isCommand(command: Command | PipelineOptions): command is Command {
  return Array.isArray(command);
}

function isOptions(command: Command | PipelineOptions): command is PipelineOptions {
  return !isCommand(command);
}
