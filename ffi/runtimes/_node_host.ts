import { builtin, globalProcess } from "./_builtin.ts";
import type { Host, Timer } from "./contract.ts";
import { clock, realImmediate } from "./_host_functions.ts";

let taken: Host | undefined;

/** What the module takes of Node and of Bun, which has a clock of its own that no test replaces. */
export function nodeHost(ownClock?: () => number): Host {
  return taken ??= take(ownClock);
}

function take(ownClock: (() => number) | undefined): Host {
  const { setTimeout } = globalThis;
  const later: Host["later"] = (milliseconds, callback) => setTimeout(callback, milliseconds) as Timer;
  // Another host may import the module, and is refused at the first call. This one is asked nothing then.
  if (globalProcess()?.getBuiltinModule === undefined) {
    return {
      immediate: setTimeout,
      turn: setTimeout,
      soon: setTimeout,
      later,
      now: clock(),
      uninitialized: zeroed,
      zeroes: true,
    };
  }
  const { allocUnsafeSlow } = builtin("node:buffer").Buffer;
  const immediate = realImmediate(builtin("node:timers").setImmediate);
  return {
    immediate,
    turn: immediate,
    soon: immediate,
    later,
    now: ownClock ?? clock(),
    uninitialized: (size) => new Uint8Array(allocUnsafeSlow(size).buffer),
    zeroes: false,
  };
}

function zeroed(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size);
}
