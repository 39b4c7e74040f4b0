import type { Bytes, Chunk } from "./chunk.ts";
import type { Nothing, Receiver, Sender } from "./_format.ts";

/** Receives one record or many. */
interface RecordsIn extends Receiver<Bytes> {
  nextBatch(): Bytes[] | Nothing;
}

/** Sends one record or many. */
interface RecordsOut extends Pick<Sender<Chunk>, "gathers" | "midway" | "drain"> {
  sendBatch(batch: readonly Chunk[], begin: number): number;
}

/** Gives the records that are there as one chunk, an array. */
export class BatchReceiver implements Receiver<Bytes[]> {
  readonly #records: RecordsIn;

  /** @param records What gives the records */
  constructor(records: RecordsIn) {
    this.#records = records;
  }

  next(): Bytes[] | Nothing {
    return this.#records.nextBatch();
  }

  read(view: Uint8Array): number | Nothing {
    return this.#records.read(view);
  }

  giveBack(batch: Bytes[]): void {
    for (const record of batch.toReversed()) this.#records.giveBack(record);
  }

  unread(): unknown[] {
    return this.#records.unread();
  }
}

/** Takes an array of records as one chunk. */
export class BatchSender implements Sender<readonly Chunk[], readonly Chunk[]> {
  readonly #records: RecordsOut;
  /** How many records of the batch under way are sent. */
  #sent = 0;

  /** @param records What takes the records */
  constructor(records: RecordsOut) {
    this.#records = records;
  }

  get gathers(): boolean {
    return this.#records.gathers;
  }

  get midway(): boolean {
    return this.#sent > 0 || this.#records.midway;
  }

  prepare(batch: readonly Chunk[]): readonly Chunk[] {
    if (!Array.isArray(batch)) throw new TypeError("Cannot write a batch: it is an array of records");
    return Array.from(batch);
  }

  send(batch: readonly Chunk[]): boolean {
    while (this.#sent < batch.length) {
      const count = this.#records.sendBatch(batch, this.#sent);
      if (count === 0) return false;
      this.#sent += count;
    }
    this.#sent = 0;
    return true;
  }

  drain(): boolean {
    return this.#records.drain();
  }
}
