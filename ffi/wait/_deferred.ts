import { isSpent, onceRenewed, turned } from "../budget.ts";
import { immediate, soon } from "../host.ts";

/** What can be looked at once a turn of the event loop is over. */
export interface Deferred {
  /**
   * A turn of the event loop is over since this was deferred.
   *
   * @param gaveWay Whether another thread had the processor already in this turn
   * @returns The same, from now on
   */
  turn(gaveWay: boolean): boolean;
}

/** From so many on that begin to wait in one turn none spins: one wait of the kernel's serves all of them at once. */
const MANY = 4;

let deferred = new Set<Deferred>();

/** Whether too many wait for spinning to pay. */
export function isCrowded(): boolean {
  return deferred.size >= MANY;
}

/** Looks at all of them together: a thread that gives way for one has done so for the others. */
function turn(): void {
  turned();
  const all = deferred;
  deferred = new Set();
  let gaveWay = false;
  for (const each of all) {
    // Not to the kernel: what the rest waits for may be in this process already, and the kernel would not tell.
    if (isSpent()) defer(each);
    else gaveWay = each.turn(gaveWay);
  }
}

/**
 * Calls `turn` once this turn of the event loop is over: until then the peer may have served the wait in this same thread. If the
 * budget is spent, once it is whole again.
 *
 * @param whole Whether timers and other events are to have had a whole turn until then. It counts for the first of a turn only, and
 * all the others go with that one
 */
export function defer(to: Deferred, whole: boolean = false): void {
  deferred.add(to);
  if (deferred.size === 1) (isSpent() ? onceRenewed : whole ? immediate : soon)(turn);
}
