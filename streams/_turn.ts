import { immediate } from "../ffi/host.ts";

/** How many calls may succeed at once before others get their turn: at 64 KiB each that is some milliseconds. */
const BUDGET = 256;

let spent = 0;

/** To be called for each system call beyond the first that one chunk takes. */
export function spend(): void {
  spent += 1;
}

/**
 * The cooperative budget of a thread, to be asked after every call that succeeded without waiting. A pump that never has to
 * wait would otherwise never let the event loop turn, and no timer or signal could stop it.
 *
 * @returns Nothing, or when the budget is spent a promise that resolves in the loop's next turn
 */
export function turn(): Promise<void> | undefined {
  spent += 1;
  if (spent < BUDGET) return undefined;
  spent = 0;
  return new Promise((resolve) => void immediate(resolve));
}
