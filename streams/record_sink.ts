import type { Descriptor } from "../ffi/descriptor.ts";
import type { Sender } from "./_sender.ts";
import { type Failure, Sink } from "./_sink.ts";

/** Takes one record a chunk. */
export class RecordSink<T> extends Sink<T> {
  readonly #sender: Sender<T>;

  constructor(descriptor: Descriptor, sender: Sender<T>, onEnd: (failure?: Failure) => void) {
    super(descriptor, onEnd);
    this.#sender = sender;
  }

  protected deliver(chunk: T): boolean {
    return this.#sender.send(chunk);
  }

  protected override drain(): boolean {
    return this.#sender.drain();
  }

  protected override get holdsBack(): boolean {
    return this.#sender.holdsBack;
  }
}
