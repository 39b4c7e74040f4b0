import type { Descriptor } from "../ffi/descriptor.ts";
import type { Sender } from "./_sender.ts";
import { type Failure, Sink } from "./_sink.ts";

/** Takes several records a chunk: an array, each element of which is a record. */
export class BatchSink<T> extends Sink<readonly T[]> {
  readonly #sender: Sender<T>;
  /** How many records of the batch under way are sent. */
  #sent = 0;

  constructor(descriptor: Descriptor, sender: Sender<T>, onEnd: (failure?: Failure) => void) {
    super(descriptor, onEnd);
    this.#sender = sender;
  }

  protected deliver(batch: readonly T[]): boolean {
    if (!Array.isArray(batch)) throw new TypeError("Cannot write a batch: it is an array of records");
    while (this.#sent < batch.length) {
      if (!this.#sender.send(batch[this.#sent]!)) return false;
      this.#sent += 1;
    }
    this.#sent = 0;
    return true;
  }

  protected override drain(): boolean {
    return this.#sender.drain();
  }

  protected override get holdsBack(): boolean {
    return this.#sender.holdsBack;
  }
}
