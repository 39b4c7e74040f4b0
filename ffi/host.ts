import { runtime } from "./libc.ts";
import type { Host } from "./runtimes/contract.ts";

const host: Host = runtime().host();

/** Calls back once this turn of the event loop is over, whatever stands in for `setImmediate` now. */
export const immediate: Host["immediate"] = host.immediate;

/** Calls back once the event loop has looked at everything: see {@linkcode Host.turn}. */
export const turn: Host["turn"] = host.turn;

/** Calls back once the JavaScript of this turn is over: see {@linkcode Host.soon}. */
export const soon: Host["soon"] = host.soon;

/** Calls back after some milliseconds, whatever stands in for `setTimeout` now. */
export const later: Host["later"] = host.later;

let clock: Host["now"] = host.now;

/** Milliseconds on a clock that never goes back, whatever stands in for `performance.now` now. */
export function now(): number {
  return clock();
}

/** Puts another clock in place, or with `undefined` the host's own. For tests only, which reach it by `hooks.ts`. */
export function replaceClock(replacement: Host["now"] | undefined): void {
  clock = replacement ?? host.now;
}

/** Bytes in a buffer of their own that need not be zeroed: the caller overwrites them, or does not show them. */
export const uninitialized: Host["uninitialized"] = host.uninitialized;

/** Whether {@linkcode uninitialized} zeroes all the same. */
export const zeroes: boolean = host.zeroes;
