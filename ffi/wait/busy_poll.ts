import { now } from "../host.ts";

/** Milliseconds. More than this between two tries, and another thread wanted the processor: perhaps the peer. */
const PREEMPTED = 0.2;
/** How many tries come in one go: about ten microseconds, in which a peer on another core answers. */
const AT_ONCE = 16;
/** The clock is read once in so many of them. */
const CLOCK_EVERY = 4;
/** A wait that spins does so for this many turns at least: in the first ones of a program, code that is new takes the time. */
const TURNS_MIN = 3;
/** The most turns of the event loop that one wait spins for, whatever the clock says: it may be a fake that stands still. */
const TURNS_MAX = 256;
/** The most waits that go by without trying again. */
const PAUSE_MAX = 32;
/** How much longer a pause becomes with each time in vain. */
const GROWTH = 8;

/**
 * Whether to try a call again for some microseconds before a wait goes to the kernel, as SO_BUSY_POLL does there. A wake
 * across threads costs tens of microseconds: trying again pays where a peer answers faster than that, and only there. Each time
 * in vain makes many waits go by without it, each success halves their number: below three in four it all but ceases.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/socket.7.html | socket(7), SO_BUSY_POLL}
 */
export class BusyPoll {
  /** Milliseconds for which a call may be tried again; 0 for none. */
  readonly #budget: number;
  /** How many waits go by after the next time in vain, and how many of them are left now. */
  #pause = 0;
  #skips = 0;
  /** When the wait began that spins; undefined where none does. */
  #began: number | undefined;
  #turns = 0;

  /** @param budget Milliseconds for which a call may be tried again; 0 for none */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /**
   * Tries a few times before a wait begins at all: a turn of the event loop costs as much as a peer takes to answer.
   *
   * @param attempt The call. Returns whether it has succeeded
   * @param giveWay Called before each try. The kernel likes to wake a peer on the waker's own processor, where it cannot
   * run while this thread tries
   * @returns Whether the call has succeeded
   */
  spinNow(attempt: () => boolean, giveWay: () => void): boolean {
    if (this.#skips > 0 || this.#budget === 0) return false;
    let before = now();
    for (let tries = 1; tries <= AT_ONCE; tries += 1) {
      giveWay();
      if (attempt()) {
        this.#earn();
        return true;
      }
      if (tries % CLOCK_EVERY !== 0) continue;
      const time = now();
      if (time - before > PREEMPTED) {
        this.#pay();
        return false;
      }
      before = time;
    }
    return false;
  }

  /** A wait begins. */
  begin(): void {
    this.#turns = 0;
    if (this.#budget === 0) return;
    if (this.#skips > 0) this.#skips -= 1;
    else this.#began = now();
  }

  /** Whether to try again in this turn of the event loop. Each look counts as a turn. */
  shouldSpin(): boolean {
    if (this.#began === undefined) return false;
    this.#turns += 1;
    const passed = now() - this.#began;
    if (this.#turns <= TURNS_MIN || (this.#turns <= TURNS_MAX && passed < this.#budget)) return true;
    this.#began = undefined;
    this.#pay();
    return false;
  }

  /** The wait that spun has got what it waited for. */
  succeeded(): void {
    if (this.#began === undefined) return;
    this.#began = undefined;
    this.#earn();
  }

  #earn(): void {
    this.#pause >>= 1;
  }

  #pay(): void {
    this.#pause = Math.min(PAUSE_MAX, Math.max(1, this.#pause * GROWTH));
    this.#skips = this.#pause;
  }
}
