/** The loops, the same for every contestant. The guest sends as much as the host asks for, or echoes. Data is checked. */

import type { Bytes, Each, Port, Workload } from "./port.ts";

const CHUNK = 64 * 1024;
const RECORD = 64;
/** Milliseconds that each side computes before it answers, in the workload "thought". */
export const THOUGHT = 0.2;

/** Records filled with their place in the sequence, so that one that is lost, cut or out of turn shows. */
const RECORDS: readonly Bytes[] = Array.from({ length: 256 }, (_, index) => new Uint8Array(RECORD).fill(index));

/** The guest's part. Resolves at the end of the channel. */
export async function serve(workload: Workload, port: Port): Promise<void> {
  if (workload === "round trips") return await port.receive((record) => port.send(record));
  if (workload === "thought") return await port.receive((record) => (think(), port.send(record)));
  const chunk = new Uint8Array(CHUNK).fill(1);
  await port.receive(async (go) => {
    const count = new DataView(go.buffer, go.byteOffset).getUint32(0, true);
    for (let index = 0; index < count; index += 1) {
      const wait = port.send(workload === "chunks" ? chunk : RECORDS[index & 255]!);
      if (wait !== undefined) await wait;
    }
    await port.flush?.();
  });
}

/** The host's part: asks for a number of operations and checks what comes, as often as it is told to. */
export class Host {
  readonly #port: Port;
  readonly #workload: Workload;
  #resolve = () => {};
  #count = 0;
  #done = 0;
  /** Bytes of the operations under way that have come. */
  #bytes = 0;

  constructor(workload: Workload, port: Port) {
    this.#workload = workload;
    this.#port = port;
  }

  /** Receives until the end of the channel. */
  async receive(): Promise<void> {
    const each: Each = this.#workload === "chunks"
      ? (chunk) => this.#chunk(chunk)
      : this.#echoes
      ? (record) => this.#echo(record)
      : (record) => this.#record(record);
    await this.#port.receive(each);
  }

  /** Resolves when so many operations are done. */
  async go(count: number): Promise<void> {
    this.#count = count;
    this.#done = 0;
    this.#bytes = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#resolve = resolve;
    if (this.#echoes) {
      await this.#port.send(RECORDS[0]!);
    } else {
      const go = new Uint8Array(4);
      new DataView(go.buffer).setUint32(0, count, true);
      await this.#port.send(go);
    }
    await this.#port.flush?.();
    await promise;
  }

  get #echoes(): boolean {
    return this.#workload === "round trips" || this.#workload === "thought";
  }

  #chunk(chunk: Bytes): void {
    this.#bytes += chunk.byteLength;
    const all = this.#count * CHUNK;
    if (this.#bytes > all || chunk[0] !== 1) throw new Error(`Wrong bytes: ${this.#bytes} have come of ${all}`);
    if (this.#bytes === all) this.#resolve();
  }

  #record(record: Bytes): void {
    const index = this.#done;
    if (index >= this.#count) throw new Error(`A record too many: ${index}`);
    if (record.byteLength !== RECORD || record[0] !== (index & 255) || record[RECORD - 1] !== (index & 255)) {
      throw new Error(`A wrong record: number ${index} has ${record.byteLength} bytes and begins with ${record[0]}`);
    }
    this.#done += 1;
    if (this.#done === this.#count) this.#resolve();
  }

  #echo(piece: Bytes): void | Promise<unknown> {
    this.#bytes += piece.byteLength;
    if (this.#bytes < RECORD) return;
    if (this.#bytes > RECORD || piece[piece.byteLength - 1] !== (this.#done & 255)) throw new Error("A wrong echo");
    this.#bytes = 0;
    this.#done += 1;
    if (this.#done === this.#count) return this.#resolve();
    if (this.#workload === "thought") think();
    return this.#port.send(RECORDS[this.#done & 255]!);
  }
}

/** Computes for a while: the other side waits long enough to park. */
function think(): void {
  const until = performance.now() + THOUGHT;
  while (performance.now() < until);
}
