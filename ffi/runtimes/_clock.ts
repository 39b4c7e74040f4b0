import { builtin } from "./_builtin.ts";

/** The clock of Deno and Node. Fakes are put on `globalThis.performance` or in its place; the method of the prototype stays. */
export function clock(): () => number {
  const { performance, Performance } = globalThis;
  const genuine = performance instanceof Performance ? performance : builtin("node:perf_hooks").performance;
  const { now } = Performance.prototype;
  return () => now.call(genuine);
}
