import { SocketError } from "../ffi/errors.ts";
import { environmentVariable, libc } from "../ffi/libc.ts";

/** The environment variables that tell a child its descriptors: their numbers, and their names in the same order. */
export const FDS = "SOCKETPAIR_FDS";
export const FDNAMES = "SOCKETPAIR_FDNAMES";

/** systemd's own: how many descriptors there are from 3 on, their names, and the process that they are for. */
const LISTEN = { fds: "LISTEN_FDS", names: "LISTEN_FDNAMES", pid: "LISTEN_PID" } as const;
const LISTEN_START = 3;

/** What a parent process has given to this one. */
interface Inheritance {
  /** The variable that says so. */
  readonly variable: string;
  readonly numbers: readonly number[];
  readonly names: readonly string[];
}

const adopted = new Set<number>();

/**
 * Adopts the descriptor that the parent process has given to this one under a name, or the first. Each is given out once.
 *
 * @param name Its name, if not the first
 * @param adopt What makes an end of it. If it throws, the descriptor can be asked for again
 * @returns What `adopt` made
 * @throws {TypeError} If there is none, or none of that name, or it was adopted before
 * @throws {SocketError} EBADF or ENOTSOCK if a program in between has not passed the descriptor on
 */
export function adoptInherited<End>(name: string | undefined, adopt: (fd: number) => End): End {
  const { variable, numbers, names } = inheritance();
  const fd = numbers[name === undefined ? 0 : names.indexOf(name)];
  if (fd === undefined) throw new TypeError(`Cannot inherit an end: there is none of the name "${name}"`);
  if (adopted.has(fd)) throw new TypeError(`Cannot inherit an end: descriptor ${fd} was adopted before`);
  try {
    const end = adopt(fd);
    adopted.add(fd);
    return end;
  } catch (error) {
    if (!(error instanceof SocketError) || !["EBADF", "ENOTSOCK"].includes(error.code)) throw error;
    const act = `Cannot inherit descriptor ${fd}, which ${variable} names and which a program in between ` +
      "(npx, a wrapper script) may not have passed on";
    throw new SocketError(act, error.errno, error.syscall, "it");
  }
}

function inheritance(): Inheritance {
  const numbers = environmentVariable(FDS);
  if (numbers) return { variable: FDS, numbers: numbersOf(numbers), names: split(environmentVariable(FDNAMES)) };
  const pid = environmentVariable(LISTEN.pid);
  if (!pid) {
    throw new TypeError(`Cannot inherit an end: ${FDS} is not set, or may not be read (Deno: --allow-env)`);
  }
  const own = libc().calls.getpid();
  if (Number(pid) !== own) {
    throw new TypeError(`Cannot inherit an end: ${LISTEN.pid} is ${pid}, and this process is ${own}: it was started by \
a program in between, which has to exec it`);
  }
  const count = Number(environmentVariable(LISTEN.fds));
  if (!Number.isInteger(count) || count < 1) {
    throw new TypeError(`Cannot inherit an end: ${LISTEN.fds} names no descriptor`);
  }
  return {
    variable: LISTEN.fds,
    numbers: Array.from({ length: count }, (_, index) => LISTEN_START + index),
    names: split(environmentVariable(LISTEN.names)),
  };
}

function numbersOf(list: string): number[] {
  const parts = split(list);
  if (!parts.every((part) => /^\d+$/.test(part))) {
    throw new TypeError(`Cannot inherit an end: ${FDS} is "${list}", not descriptor numbers with colons between them`);
  }
  return parts.map(Number);
}

function split(list: string | undefined): string[] {
  return list?.split(":") ?? [];
}
