import { builtin } from "./runtimes/_builtin.ts";
export { immediate } from "./immediate.ts";
export { uninitialized } from "./uninitialized.ts";

let clock: () => number = performance.now.bind(performance);

/** The time in milliseconds, by a clock of which only differences mean anything. */
export function now(): number {
  return clock();
}

/** Puts another clock in place, or with `undefined` the runtime's own. For tests only. */
export function replaceClock(replacement: (() => number) | undefined): void {
  clock = replacement ?? performance.now.bind(performance);
}

export const types = (): { isAnyArrayBuffer(v: unknown): v is ArrayBufferLike } => builtin("node:util/types");
