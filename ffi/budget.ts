import { now, turn } from "./host.ts";

/** How much may be moved in one turn of the event loop, in bytes: on a fast machine that takes some milliseconds. */
const BUDGET = 16 * 1024 * 1024;
/** How long it may take, in milliseconds: memory that the collector gave back to the system makes the same bytes ten times as dear. */
const TIME = 5;
/** After how many bytes the clock is looked at. */
const LOOK = 1024 * 1024;

/** What a system call and a chunk cost beside the bytes that are moved, in bytes. */
export const CALL = 16 * 1024;
export const CHUNK = 1024;
/** The same of a new end: three system calls, and all that it is made of. */
export const CONNECTION = 64 * 1024;
/** The same of each of several parts of a chunk. */
export const PART = 2 * 1024;
/** The same of a descriptor that comes with a message. */
export const DESCRIPTOR = 8 * 1024;

let spent = 0;
let nextLook = LOOK;
/** When the clock was looked at first in this turn, as far as that is known: see {@linkcode turned}. */
let begun: number | undefined;
/** Who is to be called back when the budget is whole again; undefined unless it is spent. */
let waiting: (() => void)[] | undefined;

/**
 * Counts against the cooperative budget of this thread. A pump that never has to wait would otherwise never let the event loop
 * turn, and no timer or signal could stop it. Once it is spent, what can wait waits for the loop's next turn, at every end.
 */
export function spend(bytes: number): void {
  spent += bytes;
  if (spent >= nextLook) look();
}

/** Whether the budget of this turn of the event loop is spent: then what can wait is not to be tried before the next one. */
export function isSpent(): boolean {
  return waiting !== undefined;
}

/** To be called where the event loop has turned, as far as is known: the time begins anew. */
export function turned(): void {
  begun = undefined;
}

/** Calls back once a budget that is spent is whole again. */
export function onceRenewed(callback: () => void): void {
  waiting!.push(callback);
}

function look(): void {
  nextLook = spent + LOOK;
  if (isSpent()) return;
  const time = now();
  begun ??= time;
  if (spent < BUDGET && time - begun < TIME) return;
  waiting = [];
  turn(renew);
}

function renew(): void {
  const callbacks = waiting!;
  spent = 0;
  nextLook = LOOK;
  begun = undefined;
  waiting = undefined;
  for (const callback of callbacks) callback();
}
