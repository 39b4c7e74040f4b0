import type { OwnedDescriptor } from "../ffi/owned_descriptor.ts";
import { pipe } from "../ffi/descriptor.ts";
import type { Command, Pipeline, ProgramsOptions } from "./programs.ts";
import { checkPrograms, type Part, startAll } from "./_start_all.ts";
import type { PipelineStdio } from "./stdio.ts";

const ACT = "Cannot start a pipeline";

/** What is at both ends of a pipeline, and what all of its programs have in common. */
export interface PipelineOptions extends ProgramsOptions {
  /** Standard input of the first program; the parent's own unless given. An end moves to it. */
  readonly stdin?: PipelineStdio | undefined;
  /** Standard output of the last program; the parent's own unless given. An end moves to it. */
  readonly stdout?: PipelineStdio | undefined;
}

/**
 * Joins programs as a shell does: the output of each is the input of the next, by a pipe.
 *
 * - Nothing that they send each other comes through JavaScript. A program whose reader has ended gets SIGPIPE, `/dev/stdin` and
 *   `/dev/stdout` can be opened: as in a shell. The ends at both ends are sockets, where neither is so.
 * - A program that cannot be started ends the pipeline around it: the one before it gets SIGPIPE, the one behind it reads the
 *   end, and an end that was to be its own is closed. Its status has the error (ENOENT, EACCES, E2BIG).
 * - `signal` ends every program by SIGTERM. One that does not heed it runs on, and so `statuses` waits: `children` can be
 *   killed.
 *
 * @param commands The programs; the last argument may be options
 * @returns The programs, and how they ended
 * @throws {TypeError} If there is no program, an option is unknown, something is of the wrong kind, or an end cannot be handed
 *   on. Nothing is started then, and every end stays as it is
 * @throws {SocketError} EMFILE or ENFILE if a pipe cannot be made. The same holds
 * @throws The reason of a `signal` that is aborted already. The same holds
 *
 * @example Count the kinds of lines
 * ```ts
 * import { socketpair } from "@socketpair/streams";
 * import { pipeline } from "@socketpair/streams/process";
 *
 * const [ours, theirs] = socketpair();
 * const { statuses } = pipeline(["printf", "b\na\nb\n"], ["sort"], ["uniq", "-c"], { stdout: theirs });
 * for await (const bytes of ours.readable) console.log(new TextDecoder().decode(bytes));
 * console.log((await statuses).map(({ ok }) => ok)); // [true, true, true]
 * ```
 *
 * @see {@link https://man7.org/linux/man-pages/man7/pipe.7.html | pipe(7)}
 */
export function pipeline(...commands: [...Command[], PipelineOptions] | Command[]): Pipeline {
  const [programs, options] = split(commands);
  if (programs.length === 0) throw new TypeError(`${ACT}: it has no program`);
  checkPrograms(ACT, programs, options, ["stdin", "stdout"]);
  const { stdin = "inherit", stdout = "inherit", ...common } = options;
  const pipes: OwnedDescriptor[] = [];
  try {
    let input = stdin;
    const parts = programs.map((command, index): Part => {
      if (index === programs.length - 1) return { command, stdin: input, stdout };
      const [read, write] = pipe();
      pipes.push(read, write);
      const part = { command, stdin: input, stdout: write.fd };
      input = read.fd;
      return part;
    });
    return startAll(parts, common);
  } finally {
    for (const end of pipes) end.close();
  }
}

function split(commands: readonly (Command | PipelineOptions)[]): [programs: Command[], options: PipelineOptions] {
  const last = commands.at(-1);
  const options = last === undefined || isCommand(last) ? {} : last;
  const programs = last === options ? commands.slice(0, -1) : commands;
  return [programs as Command[], options];
}

function isCommand(command: Command | PipelineOptions): command is Command {
  return Array.isArray(command);
}
