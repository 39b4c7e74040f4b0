import type { Descriptor } from "../ffi/descriptor.ts";
import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import type { Receiver } from "./_receiver.ts";
import type { Failure } from "./_sink.ts";
import { Source } from "./_source.ts";

/** The most records in one chunk, so that other work gets its turn. */
const BATCH_MAX = 1024;
/** From this many bytes on a chunk takes no further record: a peer that sends without end cannot fill the memory with one. */
const BATCH_BYTES = 1024 * 1024;

/** Gives all the records that are there as one chunk, an array: the underlying source of a default stream. */
export class BatchSource<T extends Uint8Array> extends Source<ReadableStreamDefaultController<T[]>, T> {
  readonly readable: ReadableStream<T[]>;
  readonly #receiver: Receiver<T>;
  #delivered: readonly T[] = [];
  /** Met in the middle of a batch, and due after it. */
  #failure: Failure | undefined;

  constructor(descriptor: Descriptor, receiver: Receiver<T>, onEnd: (failure?: Failure) => void) {
    super(descriptor, onEnd);
    this.#receiver = receiver;
    this.readable = new ReadableStream(this, { highWaterMark: 0 });
  }

  protected deliver(controller: ReadableStreamDefaultController<T[]>): boolean {
    if (this.#failure !== undefined) throw this.#failure.reason;
    const batch: T[] = [];
    let bytes = 0;
    let ended = false;
    try {
      while (batch.length < BATCH_MAX && bytes < BATCH_BYTES) {
        const record = this.#receiver.receive();
        if (record === WOULD_BLOCK) break;
        if (record === END) {
          ended = true;
          break;
        }
        batch.push(record);
        bytes += record.byteLength;
      }
    } catch (reason) {
      if (batch.length === 0) throw reason;
      this.#failure = { reason };
    }
    // Whoever asked may have let go while this waited: then the batch stays in the stream's queue.
    this.#delivered = this.waits ? batch : [];
    if (batch.length > 0) controller.enqueue(batch);
    else if (ended) this.finish();
    return batch.length > 0 || ended;
  }

  protected conclude(controller: ReadableStreamDefaultController<T[]>): void {
    controller.close();
  }

  protected notRead(queued: number): T[] {
    return this.#receiver.unread(queued > 0 ? this.#delivered : []);
  }
}
