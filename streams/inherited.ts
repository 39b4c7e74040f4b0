import { cookieOf } from "../ffi/cookie.ts";
import { SocketError } from "../ffi/errors.ts";
import { environmentVariable, libc, setEnvironment } from "../ffi/libc.ts";
import { nameOf } from "./chunk.ts";

/**
 * The environment variables that tell a child its descriptors, in the same order: their numbers, their names, and the cookie of
 * each socket, which proves that the number still is that socket.
 */
export const FDS = "SOCKETPAIR_FDS";
export const FDNAMES = "SOCKETPAIR_FDNAMES";
export const FDCOOKIES = "SOCKETPAIR_FDCOOKIES";

/** systemd's own: how many descriptors there are from 3 on, their names, and the process that they are for. */
const LISTEN = { fds: "LISTEN_FDS", names: "LISTEN_FDNAMES", pid: "LISTEN_PID" } as const;
const LISTEN_START = 3;
/** Linux's default of fs.nr_open. A larger LISTEN_FDS is not believed. */
const COUNT_MAX = 2 ** 20;

/** What a parent process has given to this one. The number of what was adopted is undefined: its place stays. */
interface Inheritance {
  /** The variable that says so, and what it says. */
  readonly variable: string;
  readonly value: string;
  readonly numbers: readonly (number | undefined)[];
  readonly names: readonly string[];
  readonly cookies: readonly string[];
}

/** What this thread has adopted, which another `inherited()` is told. */
const adopted: { readonly place: number; readonly name: string | undefined; readonly fd: number }[] = [];
/** The numbers among these that are still in the environment, since it may not be changed. */
const kept = new Set<number>();

/**
 * Adopts the descriptor that the parent process has given to this one under a name, or the first. Each is given out once: what
 * was adopted is taken out of the environment, where a Worker or a program that is started later would find it again.
 *
 * @param name Its name, if not the first
 * @param adopt What makes an end of it. If it throws, the descriptor can be asked for again
 * @returns What `adopt` made
 * @throws {TypeError} With the code ERR_NOT_INHERITED if there is none, or none of that name;
 * without a code if this thread has adopted it before, or if another socket has the number now
 * @throws {SocketError} EBADF or ENOTSOCK if a program in between has not passed the descriptor on
 */
export function adoptInherited<End>(name: string | undefined, adopt: (fd: number) => End): End {
  if (name !== undefined && typeof name !== "string") {
    throw new TypeError(`Cannot inherit an end: its name is a string, not ${nameOf(name)}; the options come second`);
  }
  const given = inheritance();
  const place = name === undefined ? 0 : placeOf(name, given);
  const fd = given?.numbers[place];
  if (given === undefined || fd === undefined) throw noneOf(name, given !== undefined && place in given.numbers);
  if (kept.has(fd)) throw before(fd);
  const { variable } = given;
  const lost = `Cannot inherit descriptor ${fd}, which ${variable} names and which a program in between ` +
    "(npx, bun run, a wrapper script) may not have passed on";
  try {
    prove(fd, variable, given.cookies[place], lost);
    const end = adopt(fd);
    adopted.push({ place, name: given.names[place], fd });
    takeOut(given, place);
    if (environmentVariable(variable) === given.value) kept.add(fd);
    return end;
  } catch (error) {
    if (!(error instanceof SocketError) || !["EBADF", "ENOTSOCK"].includes(error.code)) throw error;
    throw new SocketError(lost, error.errno, error.syscall, "it");
  }
}

/** Where a name stands whose descriptor is still to be had: systemd gives one name to all sockets of a unit. */
function placeOf(name: string, given: Inheritance | undefined): number {
  const isFree = (fd: number | undefined) => fd !== undefined && !kept.has(fd);
  const free = given?.names.findIndex((it, place) => it === name && isFree(given.numbers[place])) ?? -1;
  return free === -1 ? given?.names.indexOf(name) ?? -1 : free;
}

function before(fd: number): TypeError {
  return new TypeError(`Cannot inherit an end: descriptor ${fd} was adopted before`);
}

function noneOf(name: string | undefined, isTaken: boolean): TypeError {
  const own = adopted.findLast((it) => name === undefined ? it.place === 0 : it.name === name);
  if (own !== undefined) return before(own.fd);
  const which = name === undefined ? "the first" : `the one of the name "${name}"`;
  if (isTaken) return notInherited(`${which} was adopted before, by another thread or a parent process`);
  const isGiven = adopted.length > 0 || environmentVariable(FDS) || environmentVariable(LISTEN.pid);
  if (name !== undefined && isGiven) return notInherited(`there is none of the name "${name}"`);
  return notInherited(`${FDS} is not set, or may not be read (Deno: --allow-env)`);
}

/** A program that runs with an end or without one asks for this code. */
function notInherited(why: string): TypeError {
  return Object.assign(new TypeError(`Cannot inherit an end: ${why}`), { code: "ERR_NOT_INHERITED" });
}

/** Under `node --watch`, and in a child that fork() has started, Node's own socket has the number. */
function prove(fd: number, variable: string, cookie: string | undefined, act: string): void {
  if (!cookie) return;
  const found = cookieOf(fd, act);
  if (found === "" || found === cookie) return;
  throw new TypeError(
    `Cannot inherit descriptor ${fd}: it is another socket than the one that ${variable} names, which a program in between \
(node --watch, fork()) has not passed on`,
  );
}

/** What the environment tells, or undefined where it tells nothing. */
function inheritance(): Inheritance | undefined {
  const value = environmentVariable(FDS);
  if (value) {
    const [names, cookies] = [split(environmentVariable(FDNAMES)), split(environmentVariable(FDCOOKIES))];
    return { variable: FDS, value, numbers: numbersOf(value), names, cookies };
  }
  const pid = environmentVariable(LISTEN.pid);
  if (!pid) return undefined;
  const own = libc().calls.getpid();
  if (Number(pid) !== own) {
    throw notInherited(
      `${LISTEN.pid} is ${pid}, and this process is ${own}: it was started by a program in between, which has \
to exec it`,
    );
  }
  const listed = environmentVariable(LISTEN.fds) ?? "";
  const count = Number(listed);
  if (!Number.isInteger(count) || count < 1 || count > COUNT_MAX) {
    throw notInherited(`${LISTEN.fds} names no descriptor`);
  }
  const numbers = Array.from({ length: count }, (_, index) => LISTEN_START + index);
  return { variable: LISTEN.fds, value: listed, numbers, names: split(environmentVariable(LISTEN.names)), cookies: [] };
}

function numbersOf(list: string): (number | undefined)[] {
  const parts = split(list);
  if (!parts.every((part) => /^\d*$/.test(part))) {
    throw new TypeError(`Cannot inherit an end: ${FDS} is "${list}", not descriptor numbers with colons between them`);
  }
  // A number that is too large for a descriptor becomes the largest one, which is not open: EBADF.
  return parts.map((part) => part === "" ? undefined : Math.min(Number(part), 2 ** 31 - 1));
}

function split(list: string | undefined): string[] {
  return list?.split(":") ?? [];
}

/**
 * Takes a descriptor out of the environment. The others keep their places: those of systemd go on among our own variables, since
 * a count cannot leave one out.
 */
function takeOut({ variable, numbers, names }: Inheritance, taken: number): void {
  const left = numbers.map((fd, place) => place === taken ? undefined : fd);
  const isLast = left.every((fd) => fd === undefined);
  if (isLast) forget(FDNAMES, FDCOOKIES);
  else if (variable === LISTEN.fds) {
    setEnvironment(FDNAMES, names.join(":"));
    setEnvironment(FDCOOKIES, left.map(cookieIfAny).join(":"));
  }
  setEnvironment(FDS, isLast ? undefined : left.join(":"));
  if (isLast || environmentVariable(FDS)) forget(...Object.values(LISTEN));
}

function forget(...variables: string[]): void {
  for (const variable of variables) setEnvironment(variable, undefined);
}

/** What proves which socket a number is; nothing of a file or a pipe, which may be given too. */
export function cookieIfAny(fd: number | undefined): string {
  try {
    return fd === undefined ? "" : cookieOf(fd, "");
  } catch {
    return "";
  }
}
