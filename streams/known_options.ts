import { nameOf } from "./chunk.ts";

/**
 * Takes what is known out of options, each read once: a getter, or a change that comes later, cannot make them contradict
 * themselves. What they inherit counts as their own.
 *
 * @param act What the options are for, as in `Cannot read`
 * @throws {TypeError} If they are no object, or if a name is not known
 */
export function knownOptions<Options extends object>(
  act: string,
  given: Options,
  known: readonly (string & keyof Options)[],
): Options {
  checkKnown(act, given, known);
  const taken: Partial<Options> = {};
  for (const name of known) {
    const value = given[name];
    if (value !== undefined) taken[name] = value;
  }
  return taken as Options;
}

/**
 * Refuses options that are no object, and a name that is not known, whatever its value is: it may be misspelt. What a program
 * has put on `Object.prototype` is no option.
 */
export function checkKnown(act: string, given: object, known: readonly string[]): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError(`${act}: its options must be an object, not ${nameOf(given)}`);
  }
  if (known.includes("signal") && "throwIfAborted" in given) {
    throw new TypeError(`${act}: its options are an AbortSignal, which has to be one of them, as { signal }`);
  }
  for (const name in given) {
    if (known.includes(name) || Object.prototype.propertyIsEnumerable.call(Object.prototype, name)) continue;
    throw new TypeError(`${act}: there is no option "${name}", only ${known.join(", ")}`);
  }
}
