/** A wait of more than this many milliseconds is as good as endless. */
const LONG = 1;
/** The weight of the newest wait among the recent ones. */
const WEIGHT = 1 / 4;

/** How often trying again has spared a thread from parking, and how often not. For the benchmark. */
export const statistics = { hits: 0, misses: 0 };

/**
 * Whether to try a call again for some microseconds before a wait goes to the kernel, as SO_BUSY_POLL does there. A wake
 * across threads costs tens of microseconds, so that pays where a peer answers faster, and only there: it is done while
 * recent waits have been short.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/socket.7.html | socket(7), SO_BUSY_POLL}
 */
export class Patience {
  /** Milliseconds. 0 for none. */
  budget: number;
  /** How long waits have been lately, in milliseconds. */
  #usual = 0;
  #began: number | undefined;

  /** @param budget Milliseconds for which a call may be tried again */
  constructor(budget: number) {
    this.budget = budget;
  }

  /** A wait begins, or goes on. */
  begin(): void {
    if (this.budget > 0) this.#began ??= performance.now();
  }

  /** Whether to try again. */
  get lasts(): boolean {
    if (this.#began === undefined || this.#usual > 2 * this.budget) return false;
    return performance.now() - this.#began < this.budget;
  }

  /** A wait has got what it waited for. */
  end(): void {
    if (this.#began === undefined) return;
    const lasted = performance.now() - this.#began;
    if (lasted < this.budget) statistics.hits += 1;
    else statistics.misses += 1;
    this.#usual += (Math.min(lasted, LONG) - this.#usual) * WEIGHT;
    this.#began = undefined;
  }

  /** A wait is over that says nothing about the peer. */
  forget(): void {
    this.#began = undefined;
  }
}
