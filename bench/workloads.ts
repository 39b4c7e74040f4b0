/** The loops, the same for every contestant: the host measures, the guest sends what it is told to or echoes. */

import type { Meter } from "./meter.ts";
import type { Each, Port, Workload } from "./port.ts";

/** How much one measurement does. */
export interface Load {
  /** Operations that are measured: chunks, records or round trips. */
  readonly count: number;
  /** Operations before that, so that everything is compiled and both sides are up. */
  readonly warm: number;
  /** Seconds that the measured part may take: whoever is slow does fewer operations. */
  readonly budget: number;
}

/** What was measured. */
export interface Result {
  readonly operations: number;
  readonly seconds: number;
}

/** Bytes in a chunk (W1) or a record. */
export const SIZE: Record<Workload, number> = { W1: 64 * 1024, W2: 64, W3: 64, W4: 64, W5: 64 };

/** What is sent, filled with its place in the sequence, so that one that is lost, cut or out of turn shows. */
function pieces(workload: Workload): Uint8Array<ArrayBuffer>[] {
  if (workload === "W1") return Array.from({ length: 256 }, () => FULL_CHUNK);
  return Array.from({ length: 256 }, (_, index) => new Uint8Array(SIZE[workload]).fill(index));
}
const FULL_CHUNK = new Uint8Array(SIZE.W1).fill(1);

function check(record: Uint8Array, index: number): void {
  if (record.byteLength === 64 && record[0] === (index & 255) && record[63] === (index & 255)) return;
  throw new Error(`A record is wrong: number ${index} has ${record.byteLength} bytes and begins with ${record[0]}`);
}

/** Sends `count` pieces, one channel after the other. */
async function sendAll(ports: readonly Port[], records: Uint8Array<ArrayBuffer>[], count: number): Promise<void> {
  const channels = ports.length;
  for (let index = 0; index < count; index += 1) {
    const wait = ports[channels === 1 ? 0 : index % channels]!.send(records[index & 255]!);
    if (wait !== undefined) await wait;
  }
  await ports[0]!.flush?.();
}

/** The guest's part. */
export function serve(workload: Workload, ports: readonly Port[]): void {
  const port = ports[0]!;
  if (workload === "W3") return void port.receive((record) => port.send(record));
  const records = pieces(workload);
  void port.receive((go) => sendAll(ports, records, new DataView(go.buffer, go.byteOffset).getUint32(0, true)));
}

/** The host's part: one operation to see the guest, then the warm-up, then what is measured. */
export class Host {
  readonly result: Promise<Result>;
  readonly #workload: Workload;
  readonly #ports: readonly Port[];
  readonly #load: Load;
  readonly #meter: Meter;
  readonly #records: Uint8Array<ArrayBuffer>[];
  #resolve!: (result: Result) => void;
  #phase = 0;
  #count = 0;
  #done = 0;
  #from = 0;

  constructor(workload: Workload, ports: readonly Port[], load: Load, meter: Meter) {
    this.#meter = meter;
    this.#workload = workload;
    this.#ports = ports;
    this.#load = load;
    this.#records = pieces(workload);
    this.result = new Promise((resolve) => this.#resolve = resolve);
  }

  /** Begins, and receives until the end. */
  async run(): Promise<Result> {
    await this.#begin(1);
    for (const [channel, port] of this.#ports.entries()) void port.receive(this.#each(channel));
    return await this.result;
  }

  #begin(count: number): void | Promise<void> {
    this.#count = count;
    this.#done = 0;
    this.#from = performance.now();
    if (this.#workload === "W3") return this.#ports[0]!.send(this.#records[0]!);
    const go = new Uint8Array(4);
    new DataView(go.buffer).setUint32(0, count, true);
    const sent = this.#ports[0]!.send(go);
    return (this.#ports[0]!.flush?.() ?? sent);
  }

  /** Goes on with the next phase. */
  #end(): void | Promise<void> {
    const seconds = (performance.now() - this.#from) / 1000;
    const operations = this.#count;
    this.#phase += 1;
    const { warm, count, budget } = this.#load;
    if (this.#phase === 1) return this.#begin(warm);
    if (this.#phase === 2) {
      this.#meter.begin();
      return this.#begin(Math.min(count, Math.max(warm, Math.ceil(operations * budget / seconds))));
    }
    this.#meter.end();
    this.#resolve({ operations, seconds });
    // Whoever blocks in receiving has to stop: nothing more will come.
    return new Promise(() => {});
  }

  #each(channel: number): Each {
    if (this.#workload === "W1") return this.#bytes();
    if (this.#workload === "W3") return this.#echo();
    const channels = this.#ports.length;
    let phase = 0;
    let index = channel;
    return (record) => {
      if (phase !== this.#phase) [index, phase] = [channel, this.#phase];
      check(record, index);
      index += channels;
      this.#done += 1;
      if (this.#done === this.#count) return this.#end();
    };
  }

  #bytes(): Each {
    let bytes = 0;
    return (chunk) => {
      bytes += chunk.byteLength;
      const all = this.#count * SIZE.W1;
      if (bytes > all || chunk[0] !== 1) throw new Error(`Wrong bytes: ${bytes} have come of ${all}`);
      if (bytes < all) return;
      bytes = 0;
      return this.#end();
    };
  }

  #echo(): Each {
    const port = this.#ports[0]!;
    let missing = 64;
    return (record) => {
      missing -= record.byteLength;
      if (missing > 0) return;
      if (missing < 0 || record[record.byteLength - 1] !== (this.#done & 255)) throw new Error("A wrong echo");
      missing = 64;
      this.#done += 1;
      if (this.#done === this.#count) return this.#end();
      return port.send(this.#records[this.#done & 255]!);
    };
  }
}

/** W5: one record, from one end to the other. */
export async function first(host: Port, guest: Port): Promise<void> {
  const arrived = new Promise<Uint8Array>((resolve) => void host.receive(resolve));
  await guest.send(new Uint8Array(64));
  await guest.flush?.();
  check(await arrived, 0);
}

/** W4 in one thread: each channel in turn carries one record, which is waited for. */
export async function inTurn(pairs: readonly [Port, Port][], load: Load, meter: Meter): Promise<Result> {
  const records = pieces("W4");
  let got = (_record: Uint8Array): void => {};
  for (const [host] of pairs) void host.receive((record) => got(record));
  let seconds = 0;
  for (const count of [pairs.length, load.warm, load.count]) {
    meter.begin();
    const from = performance.now();
    for (let index = 0; index < count; index += 1) {
      const arrived = new Promise<Uint8Array>((resolve) => got = resolve);
      const [, guest] = pairs[index % pairs.length]!;
      await guest.send(records[index & 255]!);
      await guest.flush?.();
      check(await arrived, index);
    }
    seconds = (performance.now() - from) / 1000;
    meter.end();
  }
  return { operations: load.count, seconds };
}
