import { isEnd } from "../streams/access.ts";

export { checkKnown as checkOptions } from "../streams/known_options.ts";

/** What a value is, for a message. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "string" || typeof value === "number") return JSON.stringify(value) ?? String(value);
  if (value === undefined) return "undefined";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** A program and its arguments. */
export function checkCommand(act: string, program: unknown, args: unknown): void {
  if (typeof program !== "string") {
    throw new TypeError(`${act}: its program must be a string, not ${kindOf(program)}`);
  }
  if (program === "") throw new TypeError(`${act}: its program is an empty string`);
  if (!Array.isArray(args)) throw new TypeError(`${act}: its arguments must be an array, not ${kindOf(args)}`);
  for (const arg of [program, ...args]) {
    if (typeof arg !== "string") throw new TypeError(`${act}: an argument must be a string, not ${kindOf(arg)}`);
    if (arg.includes("\0")) throw new TypeError(`${act}: ${JSON.stringify(arg)} has a null byte in it`);
  }
}

/** Something that must be an object, such as options or an environment. */
export function checkObject(act: string, what: string, value: unknown): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !isEnd(value)) return;
  throw new TypeError(`${act}: its ${what} must be an object, not ${isEnd(value) ? "an end" : kindOf(value)}`);
}

/** What is to be a descriptor of a program: an end, a number, or one of these words. */
export function checkStdio(act: string, name: string, value: unknown, words: readonly string[]): void {
  if (isEnd(value) || (typeof value === "string" && words.includes(value))) return;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 31) return;
  throw new TypeError(
    `${act}: ${name} must be an end, a descriptor's number, or one of ${words.join(", ")}, not ${kindOf(value)}`,
  );
}
