/**
 * The host's own clock and setImmediate, also where a test has put fakes in their place.
 *
 * @module
 */

import { builtin } from "./_builtin.ts";

/** The clock of Deno and Node. Fakes are put on `globalThis.performance` or in its place; the method of the prototype stays. */
export function clock(): () => number {
  const { performance, Performance } = globalThis;
  const real = performance instanceof Performance ? performance : builtin("node:perf_hooks").performance;
  const { now } = Performance.prototype;
  return () => now.call(real);
}

const Channel = globalThis.MessageChannel;

type Immediate = (callback: () => void) => unknown;

/**
 * The host's own setImmediate, unless it is a fake of a library for tests (sinon, Jest and vitest mark theirs by a property
 * `clock`): then what does the same, at a higher price, and is not faked.
 */
export function realImmediate(candidate: Immediate): (callback: () => void) => void {
  return "clock" in candidate ? byMessage : candidate;
}

/** A message to oneself comes once this turn of the event loop is over. Then nothing is left that holds the process. */
export function byMessage(callback: () => void): void {
  const { port1, port2 } = new Channel();
  port1.onmessage = () => {
    port1.close();
    port2.close();
    callback();
  };
  port2.postMessage(0);
}
