import { builtin } from "./_builtin.ts";
import type { Host } from "./contract.ts";
import { clock, realImmediate } from "./_host_functions.ts";

/**
 * What the module takes of Deno. `setImmediate` and `setTimeout` are getters that load a part of Node's modules, which takes 5 to
 * 10 ms: the getters are kept now, before tests may replace them, and called at the first need.
 */
export function denoHost(): Host {
  const lazy = Object.getOwnPropertyDescriptor(globalThis, "setImmediate")?.get;
  const timer = Object.getOwnPropertyDescriptor(globalThis, "setTimeout")!;
  let real: ((callback: () => void) => void) | undefined;
  return {
    immediate(callback) {
      real ??= realImmediate(lazy?.call(globalThis) ?? builtin("node:timers").setImmediate);
      real(callback);
    },
    later(milliseconds, callback) {
      (timer.value ?? timer.get!.call(globalThis))(callback, milliseconds);
    },
    now: clock(),
    // Deno zeroes every buffer.
    uninitialized: (size) => new Uint8Array(size),
    zeroes: true,
  };
}
