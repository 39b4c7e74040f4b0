import { builtin } from "./_builtin.ts";
import { clock } from "./_clock.ts";
import type { Host } from "./contract.ts";
import { genuine } from "./_immediate.ts";

/**
 * What the module takes of Deno. `setImmediate` is a getter that loads a part of Node's modules, which takes 5 ms and more: the
 * getter is taken now, before tests may replace it, and asked at the first need.
 */
export function denoHost(): Host {
  const lazy = Object.getOwnPropertyDescriptor(globalThis, "setImmediate")?.get;
  let real: ((callback: () => void) => void) | undefined;
  return {
    immediate(callback) {
      real ??= genuine(lazy?.call(globalThis) ?? builtin("node:timers").setImmediate);
      real(callback);
    },
    now: clock(),
    // Deno zeroes every buffer: there is no way to have one sooner.
    uninitialized: (size) => new Uint8Array(size),
    zeroes: true,
  };
}
