import { cookieOf } from "../ffi/cookie.ts";
import { OwnedDescriptor } from "../ffi/owned_descriptor.ts";
import { isEnd } from "../streams/access.ts";
import { cookieIfAny, FDCOOKIES, FDNAMES, FDS } from "../streams/inherited.ts";
import type { ChildProcess } from "./child_process.ts";
import type { GivenEnds } from "./_given_ends.ts";
import { nodeSpawn, ownEnvironment } from "./_node.ts";
import type { Stdio } from "./stdio.ts";
import type { ProgramsOptions } from "./programs.ts";
import { isSystemError, unstarted } from "./_unstarted.ts";

/**
 * Starts a program. What the system refuses, the child's `error` event says, however the runtime itself says it.
 *
 * @param program The program
 * @param args Its arguments
 * @param stdio Its descriptors, all of them said: at least three
 * @param ends The ends among them
 * @param settings What else `node:child_process` takes
 * @param names What the ends are called
 */
export function start(
  program: string,
  args: readonly string[],
  stdio: readonly Stdio[],
  ends: GivenEnds,
  settings: Pick<ProgramsOptions, "cwd" | "env" | "detached">,
  names: Readonly<Record<number, string>> = {},
): ChildProcess {
  using duplicates = new DisposableStack();
  try {
    const told = new Map<number, string>();
    // Deno puts descriptors in place one after the other: none may stand where another goes.
    const table = stdio.map((entry, slot) => {
      const fd = isEnd(entry) ? ends.fd(entry) : entry;
      if (typeof fd !== "number") return fd;
      if (isEnd(entry)) told.set(slot, cookieOf(fd, "Cannot hand the end over"));
      else if (names[slot] !== undefined) told.set(slot, cookieIfAny(fd));
      return duplicates.use(OwnedDescriptor.duplicate(fd, stdio.length)).fd;
    });
    const env = environmentFor(settings.env ?? ownEnvironment(), told, names);
    return nodeSpawn(program, args, { ...settings, stdio: table, env });
  } catch (error) {
    // E2BIG, EMFILE, EBADF: an error event in Deno, an exception in Node and Bun.
    if (isSystemError(error)) return unstarted(error, program, args, stdio.length);
    throw error;
  }
}

/** The variables of an environment, those that come by its prototype too, as `node:child_process` has it. Each is read once. */
export function variablesOf(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const variables: Record<string, string | undefined> = {};
  for (const name in env) variables[name] = env[name];
  return variables;
}

/** @param told The slots of the ends, and of what else has a name, with what proves which socket each is */
function environmentFor(
  given: Readonly<Record<string, string | undefined>>,
  told: ReadonlyMap<number, string>,
  names: Readonly<Record<number, string>>,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(variablesOf(given))) if (value !== undefined) env[name] = value;
  // If SHLVL is below 1 and stdin is a socket, bash assumes rshd and reads ~/.bashrc. systemd and cron do not set SHLVL, and
  // a bash that replaces itself by `exec` leaves 0.
  if (!(Number(env["SHLVL"]) >= 1)) env["SHLVL"] = "1";
  // What this process was given is not the child's.
  for (const variable of [FDS, FDNAMES, FDCOOKIES]) delete env[variable];
  if (told.size > 0) {
    const slots = [...told.keys()];
    env[FDS] = slots.join(":");
    env[FDNAMES] = slots.map((slot) => names[slot] ?? "").join(":");
    env[FDCOOKIES] = [...told.values()].join(":");
  }
  return env;
}
