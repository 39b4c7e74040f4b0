/** What was received and not given out yet, in its order. To look at one, take it or give it back costs the same, however many there are. */
export class Unread<T> {
  /** The next one is the last. */
  readonly #items: T[];

  /** @param items What there is from the beginning */
  constructor(items: readonly T[]) {
    this.#items = items.toReversed();
  }

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** The next one, which stays; undefined if there is none. */
  get first(): T | undefined {
    return this.#items.at(-1);
  }

  /** Takes the next one out; undefined if there is none. */
  take(): T | undefined {
    return this.#items.pop();
  }

  /** Takes all out. */
  takeAll(): T[] {
    return this.#items.splice(0).reverse();
  }

  /** Puts one back, before all others. */
  giveBack(item: T): void {
    this.#items.push(item);
  }

  /** All, which stay. */
  all(): T[] {
    return this.#items.toReversed();
  }
}
