import { immediate } from "./host.ts";

/** How much may be moved in one turn of the event loop, in bytes: that takes some milliseconds. */
const BUDGET = 16 * 1024 * 1024;

/** What a system call costs beside the bytes that it moves, and what a chunk costs that needs none: in bytes. */
export const CALL = 16 * 1024;
export const CHUNK = 1024;

let spent = 0;
let renews = false;

/**
 * Counts against the cooperative budget of this thread. A pump that never has to wait would otherwise never let the event loop
 * turn, and no timer or signal could stop it. Once it is spent, every call waits for the loop's next turn, whichever end made it.
 */
export function spend(bytes: number): void {
  spent += bytes;
  if (spent < BUDGET || renews) return;
  renews = true;
  immediate(() => {
    spent = 0;
    renews = false;
  });
}

/** Whether the budget of this turn of the event loop is spent: then nothing is to be tried before the next one. */
export function isSpent(): boolean {
  return spent >= BUDGET;
}
