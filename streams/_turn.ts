import { immediate } from "../ffi/host.ts";

/** How many calls of 64 KiB may succeed at once before others get their turn: that is some milliseconds. */
const BUDGET = 256;
/** What moves in one call that the budget is made for. */
const SHARE = 64 * 1024;
/** What a call costs at least, in calls of 64 KiB: one that moves little, and one that gathers and asks no kernel. */
const LEAST = 1 / 4;
const GATHERED = 1 / 64;

let spent = 0;

/** To be called for a part of a chunk that takes several calls, which may be large ones. */
export function spend(bytes: number): void {
  spent += bytes / SHARE;
}

/**
 * The cooperative budget of a thread, to be asked after every call that succeeded without waiting. A pump that never has to
 * wait would otherwise never let the event loop turn, and no timer or signal could stop it.
 *
 * @param bytes How much it has moved, if that is known
 * @param gathered Whether it has only gathered
 * @returns Nothing, or when the budget is spent a promise that resolves in the loop's next turn
 */
export function turn(bytes: number = SHARE, gathered: boolean = false): Promise<void> | undefined {
  spent += Math.max(gathered ? GATHERED : LEAST, bytes / SHARE);
  if (spent < BUDGET) return undefined;
  spent = 0;
  return new Promise((resolve) => void immediate(resolve));
}
