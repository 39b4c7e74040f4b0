import { CHUNK, isSpent, spend } from "../ffi/budget.ts";
import { isPassing } from "../ffi/errors.ts";
import { later, soon } from "../ffi/host.ts";
import type { Watch } from "../ffi/wait/watch.ts";
import type { Failure, Sender, Waiting } from "./_format.ts";
import { type Place, Queue } from "./_queue.ts";

export type { Place };

/** How often a send is tried again that fails for a reason which passes, and after how many milliseconds. */
const PASSING_TRIES = 200;
const PASSING_PAUSE = 5;

/** What waits, and how many chunks the stream has handed on in all when its turn comes. */
interface Entry {
  readonly waiting: Waiting;
  readonly turn: number;
}

/** What waits to be sent, in order, and what was gathered meanwhile. */
export class SendQueue {
  readonly #watch: Watch;
  readonly #sender: Pick<Sender<never, never>, "drain" | "gathers">;
  readonly #fail: (error: unknown) => void;
  readonly #ready = new Queue<Entry>();
  /** What waits behind chunks that the stream still holds. */
  readonly #behind = new Queue<Entry>();
  #handedOn = 0;
  #ended = false;
  #drainsSoon = false;
  #tries = 0;

  /**
   * @param sender Sends what was gathered
   * @param fail Called when something fails that ends the direction
   */
  constructor(watch: Watch, sender: Pick<Sender<never, never>, "drain" | "gathers">, fail: (error: unknown) => void) {
    this.#watch = watch;
    this.#sender = sender;
    this.#fail = fail;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return !this.hasReady && this.#behind.first === undefined;
  }

  /** Whether anything waits that is not behind chunks of the stream. */
  get hasReady(): boolean {
    return this.#ready.first !== undefined;
  }

  /** Whether the first in the queue is tried again if it fails for a reason which passes. */
  get triesAgain(): boolean {
    return this.#tries < PASSING_TRIES;
  }

  /** Whether this is the one whose turn it is. */
  isFirst(place: Place<unknown>): boolean {
    return this.#ready.first === place;
  }

  /**
   * Puts something behind all that was accepted before it.
   *
   * @param held How many chunks the stream still holds, which come first
   * @param wasTried Whether it was tried already: then there is no room now
   */
  add(waiting: Waiting, held: number, wasTried: boolean): Place<unknown> {
    const queue = held === 0 ? this.#ready : this.#behind;
    const place = queue.push({ waiting, turn: this.#handedOn + held });
    if (!this.isFirst(place)) return place;
    if (wasTried) this.#watch.waitWritable(this.#retry);
    else this.goOn();
    return place;
  }

  /** Takes something out, if it is there. */
  remove(place: Place<unknown>): void {
    const wasFirst = this.isFirst(place);
    place.remove();
    if (wasFirst) this.goOn();
  }

  /** The stream has handed on a chunk, which is tried already and waits, or is sent if there is none. */
  handOn(chunk?: Waiting): void {
    if (chunk !== undefined) this.add(chunk, 0, true);
    this.#release(this.#handedOn + 1, chunk === undefined);
  }

  /** The stream holds nothing any more. */
  handOnAll(): void {
    this.#release(Infinity, true);
  }

  /** Sends what can be sent now, and waits for room for the rest. */
  goOn(): void {
    if (this.#serve()) this.#watch.cancelWritable();
    else this.#watch.waitWritable(this.#retry);
  }

  /** Sends what was gathered once this turn of the event loop is over: a writer that goes on fills its buffer until then. */
  drainSoon(): void {
    if (this.#drainsSoon) return;
    this.#drainsSoon = true;
    soon(() => {
      this.#drainsSoon = false;
      if (!this.hasReady) this.goOn();
    });
  }

  /** Sends what was gathered at once, as far as the kernel takes it. */
  drainNow(): void {
    if (!this.hasReady && this.#sender.gathers) this.#serve();
  }

  /** What was accepted before a chunk that is refused still goes, as far as there is room. */
  drainAtOnce(): void {
    try {
      this.#sender.drain();
    } catch {
      // The direction ends with the first error.
    }
  }

  /** Nothing is sent any more: what waits is told. */
  end(failure: Failure | undefined): void {
    this.#ended = true;
    this.#watch.cancelWritable();
    for (const queue of [this.#ready, this.#behind]) {
      for (const { waiting } of queue.empty()) waiting.ended(failure);
    }
  }

  #release(handedOn: number, goesOn: boolean): void {
    this.#handedOn = handedOn;
    for (let place = this.#behind.first; place && place.item.turn <= handedOn; place = this.#behind.first) {
      this.#ready.append(place);
    }
    if (goesOn && this.hasReady) this.goOn();
  }

  readonly #retry = (failure?: Failure): boolean => {
    if (failure !== undefined) this.#fail(failure.reason);
    return this.#serve();
  };

  /** Serves those that wait, in order, then what was gathered. False if the rest has to wait. */
  #serve(): boolean {
    try {
      while (!this.#ended) {
        const { first } = this.#ready;
        if (first === undefined) return this.#sender.drain();
        if (isSpent()) return false;
        if (!first.item.waiting.attempt()) return false;
        this.#tries = 0;
        spend(CHUNK);
        first.remove();
      }
    } catch (error) {
      if (isPassing(error) && this.triesAgain) {
        this.#tries += 1;
        later(PASSING_PAUSE, () => this.#ended || this.goOn());
      } else {
        this.drainAtOnce();
        this.#fail(error);
      }
    }
    return true;
  }
}
