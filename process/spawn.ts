import { isEnd } from "../streams/access.ts";
import { checkCommand, checkObject, knownOptions, shown, takeStdio } from "./_checks.ts";
import type { ChildProcess } from "./child_process.ts";
import { GivenEnds } from "./_given_ends.ts";
import { start } from "./_start.ts";
import type { Stdio } from "./stdio.ts";

const ACT = "Cannot start a program";
const WORDS = ["pipe", "overlapped", "ignore", "inherit", "ipc"];
/** Those that may stand for 0 to 2 at once. */
const ALL = WORDS.slice(0, 4);
type Option = string & keyof SpawnOptions;
/**
 * A misspelt name would lose an end without a word. The last two do nothing here, and stand in programs for every system: they are no
 * options of ours.
 */
const OPTIONS = [
  ...["stdio", "names", "cwd", "env", "argv0", "detached", "uid", "gid", "shell", "serialization", "signal", "timeout"],
  ...["killSignal", "windowsHide", "windowsVerbatimArguments"],
];

/** What `node:child_process` takes, where ends may stand in `stdio`, and names for them. */
export interface SpawnOptions {
  /** The program's descriptors, the first of them 0; or one word for 0 to 2, which are pipes unless said otherwise. */
  readonly stdio?: readonly Stdio[] | "pipe" | "overlapped" | "ignore" | "inherit" | undefined;
  /**
   * Names for `inherited()` in the child, by the numbers of the descriptors. The child is told of each end, with or without a name,
   * and of a listener or another descriptor only with one. `inherited()` without a name takes the lowest number of all these: give
   * names to all if they are of several kinds.
   */
  readonly names?: Readonly<Record<number, string>> | undefined;
  /** The folder it starts in; this process's own unless given. */
  readonly cwd?: string | URL | undefined;
  /** Its environment; this process's own unless given. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What it is told to be its own name; the program unless given. */
  readonly argv0?: string | undefined;
  /** Whether it leads a new process group and session. */
  readonly detached?: boolean | undefined;
  /** The user it runs as. */
  readonly uid?: number | undefined;
  /** The group it runs as. */
  readonly gid?: number | undefined;
  /** Whether a shell starts it, or which one. Its arguments are then the shell's to split. */
  readonly shell?: boolean | string | undefined;
  /** How messages by `"ipc"` are written. */
  readonly serialization?: "json" | "advanced" | undefined;
  /** Ends the program when it is aborted: its `error` event is then an AbortError. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which the program is ended. */
  readonly timeout?: number | undefined;
  /** What `signal` and `timeout` end it by; SIGTERM unless given. */
  readonly killSignal?: string | number | undefined;
}

/**
 * Starts a program that has ends of ours as its descriptors: they stand in `stdio`, one of them perhaps twice.
 *
 * - The ends are closed here as soon as the program has them. If it cannot be started they stay as they are. What the system
 *   refuses, the child's `error` event says in all three runtimes: ENOENT, EACCES, E2BIG, EMFILE, or EBADF for a number.
 * - Everything else is as in `node:child_process`, `"ipc"` beside ends included. Descriptors 0 to 2 are pipes unless said
 *   otherwise: `child.stdout` has to be read then, or the program stops when 64 KiB wait there.
 * - A child written with this module finds its ends with `SocketEnd.inherited()`: the environment tells their numbers
 *   (`SOCKETPAIR_FDS`), their names (`SOCKETPAIR_FDNAMES`) and what proves each (`SOCKETPAIR_FDCOOKIES`). Any other program uses
 *   the numbers.
 * - Where one end is 0 and 1, the program has two descriptors of it. If it is written with this module, its `end.close()` closes
 *   one of the two, and `end.closeWrite()` ends its output. In a Python program that watches its pipes by asyncio the
 *   output becomes readable, from which it concludes that its reader has gone: give it two ends.
 * - The program gets blocking sockets, as it expects: O_NONBLOCK is taken off, unless the end is `shared`. Even then the
 *   runtimes take it off descriptors 0 to 2, and Deno off all of them.
 * - `SHLVL` is set to 1 in its environment unless it is 1 or more already. If it is below 1 and standard input is a socket, bash
 *   assumes that rshd has started it, and reads ~/.bashrc.
 * - A socket cannot be opened anew as `/dev/stdin`, as a pipe can. `pipeline()` puts pipes between programs.
 * - EOF comes once no process has the other end any more: a process in the background that the program has started keeps it.
 *   Deno leaves the program a spare copy of descriptors 0 to 2, which goes on to all that the program starts, even to what has
 *   redirected everything. `child.on("exit", () => end.closeRead())` gives EOF after what the program itself has written.
 * - systemd's protocol wants the program's own process id, which a shell can tell: start
 *   `sh -c 'LISTEN_PID=$$ exec "$0" "$@"'` with the end as 3 and `LISTEN_FDS: "1"` in `env`.
 *
 * @param program The program: a path, or a name that is looked for in PATH
 * @param args Its arguments
 * @param options Its descriptors, and what `node:child_process` takes besides
 * @returns The child process, as the runtime's `node:child_process` makes it
 * @throws {TypeError} If an argument is of the wrong kind, an option is unknown, or an end is closed, has writes under way that
 *   the kernel does not take, or has received ahead. Nothing is started then, and every end stays as it is
 *
 * @example Python on the other end
 * ```ts
 * import { socketpair } from "@socketpair/streams";
 * import { spawn } from "@socketpair/streams/process";
 *
 * const [ours, theirs] = socketpair({ type: "seqpacket" });
 * const script = "import socket; s = socket.socket(fileno=3); s.send(s.recv(100).upper())";
 * spawn("python3", ["-c", script], { stdio: ["ignore", "inherit", "inherit", theirs] });
 * await ours.writable.getWriter().write(new TextEncoder().encode("hello"));
 * for await (const record of ours.readable) console.log(new TextDecoder().decode(record)); // HELLO
 * ```
 *
 * @see {@link https://nodejs.org/api/child_process.html#optionsstdio | options.stdio}
 */
export function spawn(program: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
  checkCommand(ACT, program, args);
  checkObject(ACT, "options", options);
  const { stdio, names: givenNames = {}, ...settings } = knownOptions<SpawnOptions>(ACT, options, OPTIONS as Option[]);
  const entries = entriesOf(stdio);
  if (settings.env !== undefined) checkObject(ACT, "env", settings.env);
  checkObject(ACT, "names", givenNames);
  const names = { ...givenNames };
  checkNames(entries, names);
  const ends = new GivenEnds(entries);
  const child = start(program, args, entries, ends, settings, names);
  if (child.pid !== undefined) ends.moved();
  return child;
}

/** What each descriptor is to be, none left out: the runtimes have different ideas of what is missing. */
function entriesOf(stdio: SpawnOptions["stdio"]): Stdio[] {
  if (stdio !== undefined && !Array.isArray(stdio) && !ALL.includes(stdio as string)) {
    throw new TypeError(`${ACT}: stdio must be an array, or one of ${ALL.join(", ")}, not ${shown(stdio)}`);
  }
  const given: readonly Stdio[] = Array.isArray(stdio) ? stdio : [stdio, stdio, stdio];
  return Array.from({ length: Math.max(given.length, 3) }, (_, slot) => entryOf(given[slot], slot));
}

function entryOf(given: Stdio, slot: number): Stdio {
  const entry = takeStdio(ACT, `stdio[${slot}]`, given ?? (slot < 3 ? "pipe" : "ignore"), WORDS, true);
  if (entry === "overlapped") return "pipe";
  // Deno inherits no more than 0 to 2.
  return entry === "inherit" && slot >= 3 ? slot : entry;
}

function checkNames(entries: readonly Stdio[], names: Readonly<Record<number, string>>): void {
  for (const [slot, name] of Object.entries(names)) {
    const entry = entries[Number(slot)];
    if (!isEnd(entry) && typeof entry !== "number") {
      throw new TypeError(`${ACT}: its descriptor ${slot} has a name, and is neither an end nor a descriptor`);
    }
    if (typeof name !== "string" || /[:\0]/.test(name)) {
      throw new TypeError(`${ACT}: an end's name must be text without colons and null bytes, not ${shown(name)}`);
    }
  }
}
