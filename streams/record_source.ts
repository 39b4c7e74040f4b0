import type { Descriptor } from "../ffi/descriptor.ts";
import { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import type { Received, Receiver } from "./_receiver.ts";
import type { Failure } from "./_sink.ts";
import { Source } from "./_source.ts";

const NOTHING: never[] = [];

/** Gives one record a chunk: the underlying source of a default stream. */
export class RecordSource<T> extends Source<ReadableStreamDefaultController<T>, T> {
  readonly readable: ReadableStream<T>;
  readonly #receiver: Receiver<T>;
  readonly #ahead: number;
  /** What the last pull delivered: all that can still be in the stream's queue. */
  #delivered: T[] = NOTHING;
  /** Met while receiving ahead, and due once what came before it has been read. */
  #failure: Failure | undefined;

  /** @param ahead How many records to receive beyond the one that is asked for, as far as they are there */
  constructor(descriptor: Descriptor, receiver: Receiver<T>, ahead: number, onEnd: (failure?: Failure) => void) {
    super(descriptor, onEnd);
    this.#receiver = receiver;
    this.#ahead = ahead;
    this.readable = new ReadableStream(this, { highWaterMark: 0 });
  }

  protected deliver(controller: ReadableStreamDefaultController<T>): boolean {
    if (this.#failure !== undefined) throw this.#failure.reason;
    const first = this.#receiver.receive();
    if (first === WOULD_BLOCK) return false;
    if (first === END) {
      this.finish();
      return true;
    }
    // Whoever asked may have let go while this waited: then the record stays in the stream's queue.
    this.#delivered = this.waits || this.#ahead > 0 ? [first] : NOTHING;
    controller.enqueue(first);
    if (this.#ahead > 0) this.#receiveAhead(controller);
    return true;
  }

  protected conclude(controller: ReadableStreamDefaultController<T>): void {
    controller.close();
  }

  protected notRead(queued: number): T[] {
    return this.#receiver.unread(queued > 0 ? this.#delivered.slice(-queued) : []);
  }

  #receiveAhead(controller: ReadableStreamDefaultController<T>): void {
    while (this.#delivered.length <= this.#ahead) {
      let record: Received<T>;
      try {
        record = this.#receiver.receive();
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
