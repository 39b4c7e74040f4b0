import type { ChildProcess, SpawnOptions as NodeSpawnOptions } from "node:child_process";
import { OwnedDescriptor } from "../ffi/owned_descriptor.ts";
import { builtin } from "../ffi/runtimes/_builtin.ts";
import { FDNAMES, FDS } from "../streams/_inherited.ts";
import { type AnyEnd, lendEnd } from "../streams/socket_end.ts";

/** What `node:child_process` takes, and the ends for the child. */
export interface SpawnOptions extends NodeSpawnOptions {
  /** The child's descriptors: 0 and 1 for its standard input and output, 3 and up for others. One end may stand twice. */
  readonly ends: Readonly<Record<number, AnyEnd>>;
  /** Names for `SocketEnd.inherited()` in the child. */
  readonly names?: Readonly<Record<number, string>>;
}

/**
 * Starts a program that has ends of ours as its descriptors.
 *
 * - The ends are closed here as soon as the child has them. If the program cannot be started they stay as they are, and the
 *   child's `error` event says why (ENOENT, EACCES).
 * - Descriptors 0 to 2 that are neither an end nor in `stdio` are inherited.
 * - A child written with this module finds its ends with `SocketEnd.inherited()`; any other uses the numbers.
 *
 * @param command The program
 * @param args Its arguments
 * @param options The ends, and what `node:child_process` takes besides
 * @returns The child process, as the runtime's `node:child_process` makes it
 * @throws {TypeError} If an end is closed, still has writes under way, or has received ahead. Nothing is started then
 *
 * @example Python on the other end
 * ```ts
 * import { socketpair, spawn } from "@socketpair/streams";
 *
 * const [ours, theirs] = socketpair({ type: "seqpacket" });
 * const script = "import socket; s = socket.socket(fileno=3); s.send(s.recv(100).upper())";
 * spawn("python3", ["-c", script], { ends: { 3: theirs } });
 * await ours.writable.getWriter().write(new TextEncoder().encode("hello"));
 * for await (const record of ours.readable) console.log(new TextDecoder().decode(record)); // HELLO
 * ```
 *
 * @see {@link https://nodejs.org/api/child_process.html#optionsstdio | options.stdio}
 */
export function spawn(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const { ends, names = {}, env, stdio, ...rest } = options;
  const slots = Object.keys(ends).map(Number);
  checkNames(slots, names);
  const lent = new Map([...new Set(Object.values(ends))].map((end) => [end, lendEnd(end)]));
  const table: unknown[] = Array.isArray(stdio) ? [...stdio] : Array(3).fill(stdio ?? "inherit");
  for (let slot = 0; slot < 3; slot += 1) table[slot] ??= "inherit";
  const { env: own } = (globalThis as unknown as { process: { env: Record<string, string> } }).process;
  const duplicates: OwnedDescriptor[] = [];
  try {
    // A runtime may put descriptors in place one after the other: none may stand where another goes, and none twice.
    for (const slot of slots) {
      const { fd } = lent.get(ends[slot]!)!;
      const duplicate = OwnedDescriptor.duplicate(fd, Math.max(...slots) + 1);
      duplicates.push(duplicate);
      table[slot] = duplicate.fd;
    }
    const child = builtin<typeof import("node:child_process")>("node:child_process").spawn(command, args, {
      ...rest,
      stdio: Array.from(table, (entry) => entry ?? "ignore") as NonNullable<NodeSpawnOptions["stdio"]>,
      env: {
        ...(env ?? own),
        [FDS]: slots.join(":"),
        [FDNAMES]: slots.map((slot) => names[slot] ?? "").join(":"),
      },
    });
    if (child.pid !== undefined) { for (const end of lent.values()) end.moved(); }
    return child;
  } finally {
    for (const duplicate of duplicates) duplicate.close();
  }
}

function checkNames(slots: readonly number[], names: Readonly<Record<number, string>>): void {
  for (const slot of slots) {
    if (!Number.isInteger(slot) || slot < 0) {
      throw new TypeError(`Cannot give the program an end as ${slot}: that is no descriptor number`);
    }
    if (names[slot]?.includes(":")) {
      throw new TypeError(`Cannot name an end "${names[slot]}": names are separated by colons`);
    }
  }
}
