import { OwnedDescriptor } from "../ffi/owned_descriptor.ts";
import { isEnd } from "../streams/access.ts";
import { FDNAMES, FDS } from "../streams/inherited.ts";
import type { ChildProcess } from "./child_process.ts";
import type { Lent } from "./_lent.ts";
import { environment, nodeSpawn } from "./_node.ts";
import type { Stdio } from "./stdio.ts";
import { isSystemError, unstarted } from "./_unstarted.ts";

/** What a program is started with. */
interface Settings {
  readonly cwd?: string | URL | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * Starts a program. What the system refuses, the child's `error` event says, however the runtime itself says it.
 *
 * @param program The program
 * @param args Its arguments
 * @param stdio Its descriptors, all of them said: at least three
 * @param lent The ends among them
 * @param settings What else `node:child_process` takes
 * @param names What the ends are called
 */
export function start(
  program: string,
  args: readonly string[],
  stdio: readonly Stdio[],
  lent: Lent,
  settings: Settings,
  names: Readonly<Record<number, string>> = {},
): ChildProcess {
  const duplicates: OwnedDescriptor[] = [];
  try {
    // Deno puts descriptors in place one after the other: none may stand where another goes.
    const table = stdio.map((entry) => {
      const fd = isEnd(entry) ? lent.fd(entry) : entry;
      if (typeof fd !== "number") return fd;
      const duplicate = OwnedDescriptor.duplicate(fd, stdio.length);
      duplicates.push(duplicate);
      return duplicate.fd;
    });
    const slots = [...stdio.keys()].filter((slot) => isEnd(stdio[slot]));
    const env = environmentFor(settings.env ?? environment(), slots, names);
    return nodeSpawn(program, args, { ...settings, stdio: table, env });
  } catch (error) {
    // E2BIG, EMFILE, EBADF: an error event in Deno, an exception in Node and Bun.
    if (isSystemError(error)) return unstarted(error);
    throw error;
  } finally {
    for (const duplicate of duplicates) duplicate.close();
  }
}

function environmentFor(
  given: Readonly<Record<string, string | undefined>>,
  slots: readonly number[],
  names: Readonly<Record<number, string>>,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined) env[name] = value;
  // Behind a socket, bash takes itself for a remote shell where this is not at least 1, and reads ~/.bashrc. Nothing sets it
  // under systemd and cron, and a bash that has come to its `exec` leaves 0.
  if (!(Number(env["SHLVL"]) >= 1)) env["SHLVL"] = "1";
  // What this process was given is not the child's.
  delete env[FDS];
  delete env[FDNAMES];
  if (slots.length > 0) {
    env[FDS] = slots.join(":");
    env[FDNAMES] = slots.map((slot) => names[slot] ?? "").join(":");
  }
  return env;
}
