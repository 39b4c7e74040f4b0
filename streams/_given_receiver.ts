import type { Received, Receiver } from "./_receiver.ts";

/** Gives what an earlier owner of the descriptor had received, and then what arrives. */
export class GivenReceiver<T> implements Receiver<T> {
  readonly #given: T[];
  readonly #receiver: Receiver<T>;

  constructor(given: readonly T[], receiver: Receiver<T>) {
    this.#given = [...given];
    this.#receiver = receiver;
  }

  receive(): Received<T> {
    return this.#given.length > 0 ? this.#given.shift()! : this.#receiver.receive();
  }

  unread(delivered: readonly T[]): T[] {
    return this.#receiver.unread([...delivered, ...this.#given]);
  }
}
