import { now } from "../host.ts";

/** Milliseconds. If more than this passes between two tries, another thread has had the processor: perhaps the peer. */
const PREEMPTED = 0.2;
/** How many tries are made at once: about ten microseconds, in which a peer on another core answers. */
const AT_ONCE = 16;
/** The clock is read once per so many tries. */
const CLOCK_EVERY = 4;
/** The fewest turns that a wait spins for, whatever the clock says: in a new program each turn takes longer than the budget. */
const TURNS_MIN = 3;
/** The most turns of the event loop that a wait spins for, whatever the clock says: it may be a fake that stands still. */
const TURNS_MAX = 256;
/** The most waits that one failed spin skips. */
const PAUSE_MAX = 32;
/** How many times more waits each further failure skips. */
const GROWTH = 8;

/**
 * Whether to try a call again for some microseconds before a wait goes to the kernel, as SO_BUSY_POLL does there. A wake
 * across threads costs tens of microseconds, so trying again pays only where a peer answers faster than that. Each failed spin
 * skips the next few waits; each success halves that number. Below a success rate of 75 % spinning practically stops.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/socket.7.html | socket(7), SO_BUSY_POLL}
 */
export class BusyPoll {
  /** Milliseconds for which a call may be tried again; 0 for none. */
  readonly #budget: number;
  /** How many waits the next failure will skip, and how many are left to skip. */
  #pause = 0;
  #skips = 0;
  /** When the wait that spins began; undefined if none spins. */
  #began: number | undefined;
  #turns = 0;

  /** @param budget Milliseconds for which a call may be tried again; 0 for none */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /**
   * Tries a few times before a wait begins at all: a turn of the event loop takes as long as a fast peer's answer.
   *
   * @param attempt The call. Returns whether it has succeeded
   * @param giveWay Called before each try. The kernel often wakes a peer on this thread's own processor, where it cannot run
   * while this thread tries
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

  /**
   * A wait begins.
   *
   * @param pays Whether spinning may pay now
   */
  begin(pays: boolean): void {
    this.#turns = 0;
    this.#began = undefined;
    if (!pays || this.#budget === 0) return;
    if (this.#skips > 0) this.#skips -= 1;
    else this.#began = now();
  }

  /** Whether to try again in this turn of the event loop. To be called once per turn. */
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
