import { type Bytes, type Chunk, partsOf } from "./chunk.ts";
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

/** A batch as it was read of the caller's array, up to what is wrong with it. */
interface PreparedBatch {
  readonly records: readonly Chunk[];
  readonly refused?: { readonly error: unknown };
}

/** Takes an array of records as one chunk. */
export class BatchSender implements Sender<readonly Chunk[], PreparedBatch> {
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

  prepare(batch: readonly Chunk[]): PreparedBatch {
    if (!Array.isArray(batch)) throw new TypeError("Cannot write a batch: it is an array of records");
    const records: Chunk[] = Array.from(batch);
    for (let index = 0; index < records.length; index += 1) {
      // To look at a view runs no code of the caller's.
      if (ArrayBuffer.isView(records[index])) continue;
      try {
        records[index] = partsOf(records[index]);
      } catch (error) {
        return { records: records.slice(0, index), refused: { error } };
      }
    }
    return { records };
  }

  send({ records, refused }: PreparedBatch): boolean {
    while (this.#sent < records.length) {
      const count = this.#records.sendBatch(records, this.#sent);
      if (count === 0) return false;
      this.#sent += count;
    }
    this.#sent = 0;
    if (refused !== undefined) throw refused.error;
    return true;
  }

  drain(): boolean {
    return this.#records.drain();
  }
}
