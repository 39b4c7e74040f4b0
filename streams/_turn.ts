import { immediate } from "../ffi/host.ts";

/** How many calls may succeed at once before others get their turn: at 64 KiB each that is some milliseconds. */
const BUDGET = 256;

let spent = 0;

/** What moves in one call that the budget is made for. */
const SHARE = 64 * 1024;

/** To be called for a part of a chunk that takes several calls, which may be large ones. */
export function spend(bytes: number): void {
  spent += Math.ceil(bytes / SHARE);
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
