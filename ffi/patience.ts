/** Longer than this between two tries, and the processor was taken away: somebody else wants it, perhaps the peer. */
const PREEMPTED = 0.2;
/** The most waits that go by without trying again. */
const SKIP_MAX = 32;

/** How many tries come in one go: about ten microseconds, in which a peer on another core answers. */
const AT_ONCE = 16;

/** How often trying again has spared a thread from parking, and how often not. For the benchmark. */
export const statistics = { hits: 0, misses: 0 };

/**
 * Whether to try a call again for some microseconds before a wait goes to the kernel, as SO_BUSY_POLL does there. A wake
 * across threads costs tens of microseconds, so that pays where a peer answers faster and a processor is free, and only
 * there: each time in vain makes many waits go by without it, each success halves their number. Below three in four it all but
 * ceases.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/socket.7.html | socket(7), SO_BUSY_POLL}
 */
export class Patience {
  /** Milliseconds. 0 for none. */
  budget: number;
  /** How many waits go by after the next time in vain, and how many of them are left now. */
  #penalty = 0;
  #skips = 0;
  /** When this wait began, and when it was last tried; undefined if it is not one for trying again. */
  #began: number | undefined;
  #tried = 0;
  #waits = false;
  #again = false;

  /** @param budget Milliseconds for which a call may be tried again */
  constructor(budget: number) {
    this.budget = budget;
  }

  /**
   * Tries a few times before a wait begins at all: a turn of the event loop costs as much as a peer takes to answer.
   *
   * @param giveWay Called before each try. The kernel likes to wake a peer on the waker's own processor: there it cannot run
   * while this thread tries, and would wait until the thread parks
   * @returns Whether the call has succeeded
   */
  persist(attempt: () => boolean, giveWay: () => void): boolean {
    if (this.#waits || this.#skips > 0) return false;
    let before = performance.now();
    for (let tries = Math.min(AT_ONCE, this.budget * 1000); tries > 0; tries -= 1) {
      giveWay();
      if (attempt()) {
        statistics.hits += 1;
        this.#penalty >>= 1;
        return true;
      }
      const now = performance.now();
      if (now - before > PREEMPTED) {
        this.#miss();
        return false;
      }
      before = now;
    }
    return false;
  }

  /**
   * A wait begins, or goes on.
   *
   * @param once Whether to try again just once, whatever has paid
   */
  begin(once: boolean): void {
    if (this.#waits) return;
    this.#waits = true;
    this.#again = once;
    if (once || this.budget === 0) return;
    if (this.#skips > 0) {
      this.#skips -= 1;
      return;
    }
    this.#began = this.#tried = performance.now();
  }

  /** Whether to try again. */
  get lasts(): boolean {
    if (this.#again) {
      this.#again = false;
      return true;
    }
    if (this.#began === undefined) return false;
    const now = performance.now();
    const preempted = now - this.#tried > PREEMPTED;
    this.#tried = now;
    if (!preempted && now - this.#began < this.budget) return true;
    this.#miss();
    this.#began = undefined;
    return false;
  }

  /** A wait is over: with what it waited for, or not. */
  end(): void {
    this.#waits = false;
    this.#again = false;
    if (this.#began === undefined) return;
    this.#began = undefined;
    statistics.hits += 1;
    this.#penalty >>= 1;
  }

  /** A wait is over that says nothing about the peer. */
  forget(): void {
    this.#waits = false;
    this.#again = false;
    this.#began = undefined;
  }

  #miss(): void {
    statistics.misses += 1;
    this.#penalty = Math.min(SKIP_MAX, Math.max(1, this.#penalty * 8));
    this.#skips = this.#penalty;
  }
}
