import { isEnd, isForeign } from "../streams/access.ts";
import { nameOf } from "../streams/chunk.ts";
import type { AnyEnd } from "../streams/socket_end.ts";
import type { Stdio } from "./stdio.ts";

export { knownOptions } from "../streams/known_options.ts";

/** What came, for a message: texts and numbers as they are. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "number" ? String(value) : nameOf(value);
}

/** A program and its arguments. */
export function checkCommand(act: string, program: unknown, args: unknown): void {
  if (typeof program !== "string") {
    throw new TypeError(`${act}: its program must be a string, not ${shown(program)}`);
  }
  if (program === "") throw new TypeError(`${act}: its program is an empty string`);
  if (!Array.isArray(args)) throw new TypeError(`${act}: its arguments must be an array, not ${shown(args)}`);
  for (const arg of [program, ...args]) {
    if (typeof arg !== "string") throw new TypeError(`${act}: an argument must be a string, not ${shown(arg)}`);
    if (arg.includes("\0")) throw new TypeError(`${act}: ${JSON.stringify(arg)} has a null byte in it`);
  }
}

/** Something that must be an object, such as options or an environment. */
export function checkObject(act: string, what: string, value: unknown): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !isEnd(value)) return;
  throw new TypeError(`${act}: its ${what} must be an object, not ${isEnd(value) ? "an end" : shown(value)}`);
}

/**
 * What is to be a descriptor of a program: an end, a descriptor's number, or one of these words. Of an object with a number as
 * `fd` that is the number.
 *
 * @param takesStreams Whether a stream of node is taken as it is: the runtime finds its descriptor
 */
export function takeStdio(
  act: string,
  name: string,
  value: unknown,
  words: readonly string[],
  takesStreams: boolean = false,
): Stdio {
  // An end that was asked for its number would take it for told to another program.
  if (isEnd(value) || isForeign(value)) return value as AnyEnd;
  if (typeof value === "string" && words.includes(value)) return value as Stdio;
  const isObject = typeof value === "object" && value !== null;
  const fd = isObject && "fd" in value ? value.fd : value;
  if (typeof fd === "number" && Number.isInteger(fd) && fd >= 0 && fd < 2 ** 31) return fd;
  if (isObject && fd === -1) throw new TypeError(`${act}: ${name} is closed`);
  // A stream that is not open yet has no number, or null.
  const hasNoNumber = fd === value || fd === null || fd === undefined;
  if (takesStreams && isObject && "on" in value && hasNoNumber) return value as Stdio;
  throw new TypeError(
    `${act}: ${name} must be an end, a descriptor's number, an object with the number as fd, or one of ${
      words.join(", ")
    }, not ${shown(value)}`,
  );
}
