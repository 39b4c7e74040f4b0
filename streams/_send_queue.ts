import { isPassing } from "../ffi/errors.ts";
import { immediate, later } from "../ffi/host.ts";
import type { Watch } from "../ffi/wait/watch.ts";
import type { Failure, Sender } from "./_format.ts";

/** Something that waits for its turn: a chunk of the stream, a call, a flush, or the end. */
export interface Waiting {
  /** How many chunks that the stream still holds come before it. */
  behind: number;
  /** Sends. False if the kernel would not take all of it now. */
  attempt(): boolean;
  /** All of it is sent. */
  done(): void;
  /** It will not be sent. */
  failed(reason: unknown): void;
}

/** How often a send is tried again that fails for a reason which passes, and after how many milliseconds. */
export const TRIES = 200;
const PAUSE = 5;

/** What waits to be sent, in order, and what was gathered meanwhile. */
export class SendQueue {
  readonly #watch: Watch;
  readonly #sender: Pick<Sender<never>, "drain" | "gathers">;
  readonly #fail: (error: unknown) => void;
  readonly #waiting: Waiting[] = [];
  #ended = false;
  #drainsSoon = false;
  #tries = 0;

  /**
   * @param sender Sends what was gathered
   * @param fail Called when something fails that ends the direction
   */
  constructor(watch: Watch, sender: Pick<Sender<never>, "drain" | "gathers">, fail: (error: unknown) => void) {
    this.#watch = watch;
    this.#sender = sender;
    this.#fail = fail;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** How often the first in the queue was tried that fails for a reason which passes. */
  get tries(): number {
    return this.#tries;
  }

  /** Whether this is the one whose turn it is. */
  isFirst(waiting: Waiting): boolean {
    return this.#waiting[0] === waiting;
  }

  /** The stream hands a chunk on: gives its place, before what came after it. */
  placeOfNext(): number {
    const place = this.#waiting.findIndex(({ behind }) => behind > 0);
    for (const waiting of this.#waiting) if (waiting.behind > 0) waiting.behind -= 1;
    return place < 0 ? this.#waiting.length : place;
  }

  /** The stream holds nothing any more. */
  release(): void {
    for (const waiting of this.#waiting) waiting.behind = 0;
    if (!this.isEmpty) this.goOn();
  }

  /** Puts something in its place, by default the last. */
  insert(waiting: Waiting, place: number = this.#waiting.length): void {
    this.#waiting.splice(place, 0, waiting);
    if (place === 0) this.goOn();
  }

  /** Takes something out, if it is there. */
  remove(waiting: Waiting): void {
    const place = this.#waiting.indexOf(waiting);
    if (place < 0) return;
    this.#waiting.splice(place, 1);
    if (place === 0) this.goOn();
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
    immediate(() => {
      this.#drainsSoon = false;
      if (this.isEmpty) this.goOn();
    });
  }

  /** Sends what was gathered at once, as far as the kernel takes it. */
  drainNow(): void {
    if (this.isEmpty && this.#sender.gathers) this.#serve();
  }

  /** What was accepted before a chunk that is refused still goes, as far as there is room. */
  drainAtOnce(): void {
    try {
      this.#sender.drain();
    } catch {
      // The direction ends anyhow.
    }
  }

  /** Nothing is sent any more: what waits fails. */
  end(reason: unknown): void {
    this.#ended = true;
    this.#watch.cancelWritable();
    for (const waiting of this.#waiting.splice(0)) waiting.failed(reason);
  }

  readonly #retry = (failure?: Failure): boolean => {
    if (failure !== undefined) this.#fail(failure.reason);
    return this.#serve();
  };

  /** Serves those that wait, in order, then what was gathered. False if the kernel would not take more now. */
  #serve(): boolean {
    try {
      while (!this.#ended) {
        const [first] = this.#waiting;
        if (first === undefined) return this.#sender.drain();
        if (first.behind > 0) return true;
        if (!first.attempt()) return false;
        this.#tries = 0;
        if (this.#ended) return true;
        this.#waiting.shift();
        first.done();
      }
    } catch (error) {
      if (isPassing(error) && this.#tries++ < TRIES) later(PAUSE, () => this.#ended || this.goOn());
      else {
        this.drainAtOnce();
        this.#fail(error);
      }
    }
    return true;
  }
}
