import { pipe } from "../ffi/descriptor.ts";
import type { SocketEnd } from "../streams/socket_end.ts";
import { socketpair } from "../streams/socketpair.ts";
import { makeOneWay } from "./_one_way.ts";
import type { Command, Pipeline, ProgramsOptions } from "./programs.ts";
import { type Part, startAll, takeJoined, takePrograms } from "./_start_all.ts";
import type { PipelineStdio } from "./stdio.ts";

const ACT = "Cannot start a pipeline";

/** What is at both ends of a pipeline, and what all of its programs have in common. */
export interface PipelineOptions<
  Input extends PipelineStdio | "pipe" = PipelineStdio | "pipe",
  Output extends PipelineStdio | "pipe" = PipelineStdio | "pipe",
> extends ProgramsOptions {
  /**
   * Standard input of the first program; the parent's own unless given. An end moves to it. `"pipe"` makes a pair, and gives our
   * end of it as `stdin`.
   */
  readonly stdin?: Input | undefined;
  /**
   * Standard output of the last program; the parent's own unless given. An end moves to it. `"pipe"` makes a pair, and gives our
   * end of it as `stdout`.
   */
  readonly stdout?: Output | undefined;
}

/** What `pipeline()` returns: it has `stdin` and `stdout` where these are `"pipe"`. */
export type PipelineOf<Input, Output> = Pipeline & EndIfPipe<"stdin", Input> & EndIfPipe<"stdout", Output>;

/** Our end, if it was asked for. Where only running tells, it may be there. */
export type EndIfPipe<Name extends string, Given> = "pipe" extends Given
  ? [Given] extends ["pipe"] ? { readonly [Key in Name]: SocketEnd } : { readonly [Key in Name]?: SocketEnd }
  : unknown;

/**
 * Joins programs as a shell does: the output of each is the input of the next, by a pipe.
 *
 * - Nothing that they send each other comes through JavaScript. A program whose reader has exited gets SIGPIPE, and `/dev/stdin` and
 *   `/dev/stdout` can be opened: as in a shell. An end that is the first input or the last output is a socket: neither is so there.
 * - With `"pipe"` as `stdin` or `stdout` our end of the pair is in the result. It closes with the direction that is used: `stdin`
 *   when its writable is closed, `stdout` when its readable has ended or is cancelled. Both close when the program beside them has
 *   ended, by exit or by a signal; output that waits to be read then stays until it is read. In Deno a process in the background that
 *   a program has started keeps it open: `children.at(-1)?.on("exit", () => stdout.closeRead())` gives EOF.
 * - A program that cannot be started ends the pipeline around it: the one before it gets SIGPIPE, the one behind it reads EOF,
 *   and an end that was to be its own is closed. Its status has the error (ENOENT, EACCES, E2BIG).
 * - `signal` ends every program by SIGTERM, as `kill()` does. One that ignores SIGTERM runs on, and `statuses` waits for it:
 *   `kill("SIGKILL")` ends it.
 *
 * @param commands The programs; the last argument may be options
 * @returns The programs, how they ended, and our ends where `"pipe"` is given
 * @throws {TypeError} If there is no program, an option is unknown, something is of the wrong kind, or an end cannot be handed
 *   on. Nothing is started then, and every end stays as it is
 * @throws {SocketError} EMFILE or ENFILE if a pipe cannot be made. The same holds
 * @throws The reason of a `signal` that is aborted already. The same holds
 *
 * @example Count the kinds of lines
 * ```ts
 * import { pipeline } from "@socketpair/streams/process";
 *
 * const { stdin, stdout, statuses } = pipeline(["sort"], ["uniq", "-c"], { stdin: "pipe", stdout: "pipe" });
 * await stdin.write(new TextEncoder().encode("b\na\nb\n"));
 * await stdin.close();
 * for await (const bytes of stdout.readable) console.log(new TextDecoder().decode(bytes));
 * console.log((await statuses).map(({ ok }) => ok)); // [ true, true ]
 * ```
 *
 * @see {@link https://man7.org/linux/man-pages/man7/pipe.7.html | pipe(7)}
 */
export function pipeline<
  const Input extends PipelineStdio | "pipe" = "inherit",
  const Output extends PipelineStdio | "pipe" = "inherit",
>(...commands: [...Command[], PipelineOptions<Input, Output>] | Command[]): PipelineOf<Input, Output>;
export function pipeline(...commands: [...Command[], PipelineOptions] | Command[]): Pipeline {
  const [given, all] = split(commands);
  if (given.length === 0) throw new TypeError(`${ACT}: it has no program`);
  const { commands: programs, options } = takePrograms(ACT, given, all, ["stdin", "stdout"]);
  const { stdin, stdout, ...common } = options;
  const [first, last] = [takeJoined(ACT, "stdin", stdin, ["pipe"]), takeJoined(ACT, "stdout", stdout, ["pipe"])];
  using theirs = new DisposableStack();
  const ours: { stdin?: SocketEnd; stdout?: SocketEnd } = {};
  try {
    let input = first === "pipe" ? theirs.use(theirEnd(ours, "stdin")) : first;
    const output = last === "pipe" ? theirs.use(theirEnd(ours, "stdout")) : last;
    const parts = programs.map((command, index): Part => {
      if (index === programs.length - 1) return { command, stdin: input, stdout: output };
      const [read, write] = pipe();
      theirs.use(read);
      theirs.use(write);
      const part = { command, stdin: input, stdout: write.fd };
      input = read.fd;
      return part;
    });
    const started = startAll(ACT, parts, common);
    if (ours.stdin !== undefined) makeOneWay(ours.stdin, started.children[0]!);
    if (ours.stdout !== undefined) makeOneWay(ours.stdout, started.children.at(-1)!);
    return { ...started, ...ours };
  } catch (error) {
    for (const end of Object.values(ours)) end[Symbol.dispose]();
    throw error;
  }
}

/** Makes a pair: our end of it stands among ours, the other is returned. */
function theirEnd(ours: { stdin?: SocketEnd; stdout?: SocketEnd }, name: "stdin" | "stdout"): SocketEnd {
  const [our, theirs] = socketpair();
  ours[name] = our;
  return theirs;
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
