import type { Builtins, NodeProcess } from "./_types.ts";

/**
 * `globalThis.process`. In Deno its first use loads a large part of Node's modules, which takes 15 ms and more. Another host may
 * have none.
 */
export function globalProcess(): NodeProcess | undefined {
  return (globalThis as { process?: NodeProcess }).process;
}

/**
 * A module of the runtime's own, synchronously: no top-level await and no dynamic import, so `require()` of this
 * module works, and an adapter can be loaded (not used) on the other runtimes.
 */
export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  return globalProcess()!.getBuiltinModule!(name) as Builtins[Name];
}

/** Sets a variable of `process.env`, or removes it: by Reflect, which does not throw where the object is frozen. */
export function setNodeEnv(name: string, value: string | undefined): void {
  const { env } = globalProcess()!;
  if (value === undefined) Reflect.deleteProperty(env, name);
  else Reflect.set(env, name, value);
}
