import { builtin } from "./_builtin.ts";
import type { Host } from "./contract.ts";
import { byMessage, clock, realImmediate } from "./_host_functions.ts";
import type { PollCall } from "./_off_thread_waiter.ts";

/** How often `soon()` uses a message, at 30 to 60 us each, before it pays to load `setImmediate`. */
const BY_MESSAGE = 64;

/**
 * How often Deno gets to look at its sockets where a turn is to end. A request to a server takes five looks on its way; with one look
 * it took 88 to 230 ms beside a thousand busy ends, with four it takes 6.
 */
const LOOKS = 4;

/**
 * What the module takes of Deno. `setImmediate` and `setTimeout` are getters that load a part of Node's modules, which takes 7 to
 * 19 ms: the getters are kept now, before tests may replace them, and called when they are needed: by `soon()` only once a
 * program has waited so often that it pays.
 *
 * @param poll Gives poll(2) on another thread, if the C library is open
 */
export function denoHost(poll: () => PollCall | undefined): Host {
  const lazy = Object.getOwnPropertyDescriptor(globalThis, "setImmediate")?.get;
  const timer = Object.getOwnPropertyDescriptor(globalThis, "setTimeout")!;
  let real: ((callback: () => void) => void) | undefined;
  let messages = 0;
  const immediate = (callback: () => void): void => {
    real ??= realImmediate(lazy?.call(globalThis) ?? builtin("node:timers").setImmediate);
    real(callback);
  };
  return {
    immediate,
    turn(callback) {
      // As long as there is JavaScript to run, Deno looks at its sockets in one turn of 61 (that is tokio's event_interval). A
      // call on another thread leaves it none to run, for some 30 us.
      immediate(() => {
        const call = poll();
        if (call === undefined) return callback();
        let looks = 0;
        const look = (): void => {
          if (looks === LOOKS) return callback();
          looks += 1;
          void call(0, 0, 0).then(look, callback);
        };
        look();
      });
    },
    soon(callback) {
      if (messages === BY_MESSAGE) return immediate(callback);
      messages += 1;
      byMessage(callback);
    },
    later: (milliseconds, callback) => (timer.value ?? timer.get!.call(globalThis))(callback, milliseconds),
    now: clock(),
    // Deno zeroes every buffer.
    uninitialized: (size) => new Uint8Array(size),
    zeroes: true,
  };
}
