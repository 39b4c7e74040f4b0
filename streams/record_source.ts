import type { Descriptor } from "../ffi/descriptor.ts";
import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import type { Failure } from "./_sink.ts";
import { Source } from "./_source.ts";

type Record = Uint8Array<ArrayBuffer>;
type Received = Record | typeof WOULD_BLOCK | typeof END;

/** Receives records, each whole and in a buffer of its own: the underlying source of a default stream. */
export class RecordSource extends Source<ReadableStreamDefaultController<Record>> {
  readonly #ahead: number;
  /** What the last pull delivered: all that can still be in the stream's queue. */
  #delivered: Record[] = [];
  /** Met while receiving ahead, and due once what came before it has been read. */
  #failure: { readonly reason: unknown } | undefined;

  /** @param ahead How many records to receive beyond the one that is asked for, as far as they are there */
  constructor(descriptor: Descriptor, ahead: number, onEnd: (failure?: Failure) => void) {
    super(descriptor, onEnd);
    this.#ahead = ahead;
  }

  protected deliver(controller: ReadableStreamDefaultController<Record>): boolean {
    if (this.#failure !== undefined) throw this.#failure.reason;
    const first = this.#receive();
    if (first === WOULD_BLOCK) return false;
    if (first === END) {
      this.finish();
      return true;
    }
    controller.enqueue(first);
    if (this.#ahead > 0) this.#receiveAhead(controller, first);
    return true;
  }

  protected conclude(controller: ReadableStreamDefaultController<Record>): void {
    controller.close();
  }

  protected lastDelivered(queued: number): Record[] {
    return this.#delivered.slice(-queued);
  }

  #receive(): Received {
    const length = this.descriptor.receive();
    if (length < 0) return length as typeof WOULD_BLOCK | typeof END;
    const { scratch } = this.descriptor;
    if (length > scratch.byteLength) {
      throw new RangeError(
        `Cannot receive a record of ${length} bytes: only ${scratch.byteLength} bytes fit, the rest is lost`,
      );
    }
    return scratch.slice(0, length);
  }

  #receiveAhead(controller: ReadableStreamDefaultController<Record>, first: Record): void {
    this.#delivered = [first];
    while (this.#delivered.length <= this.#ahead) {
      let record: Received;
      try {
        record = this.#receive();
      } catch (reason) {
        this.#failure = { reason };
        return;
      }
      if (record === WOULD_BLOCK || record === END) return;
      controller.enqueue(record);
      this.#delivered.push(record);
    }
  }
}
