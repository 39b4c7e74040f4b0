/** For tests: as much of Wayland as a pool of shared memory needs. */

import type { MessageEnd } from "../_support.ts";

/** A connection to a compositor. */
export class Display {
  readonly #writer: WritableStreamDefaultWriter<{ data: Uint8Array; descriptors?: number[] }>;
  readonly #reader: ReadableStreamDefaultReader<{ data: Uint8Array }>;
  #bytes = new Uint8Array();
  #ids = 1;
  #memory = 0;

  constructor(end: MessageEnd) {
    this.#writer = end.writable.getWriter();
    this.#reader = end.readable.getReader();
  }

  /** Makes a pool of a file and a buffer of it, and waits until the compositor has answered to all of it. */
  async makeBuffer(fd: number, size: number): Promise<void> {
    if (this.#memory === 0) await this.#bind();
    const pool = this.#ids += 1;
    await this.#request(this.#memory, 0, [pool, size], fd);
    if (size > 0) await this.#request(pool, 0, [this.#ids += 1, 0, 16, 16, 64, 0]);
    await this.#sync(() => {});
  }

  /** Finds wl_shm among what the compositor offers. */
  async #bind(): Promise<void> {
    const registry = this.#ids += 1;
    await this.#request(1, 1, [registry]);
    let name = 0;
    await this.#sync((object, opcode, body) => {
      if (object !== registry || opcode !== 0) return;
      if (new TextDecoder().decode(new Uint8Array(body.buffer, body.byteOffset + 8, 7)) !== "wl_shm\0") return;
      name = body.getUint32(0, true);
    });
    this.#memory = this.#ids += 1;
    // The name of the interface, its length before it.
    const text = [...new Uint32Array(new TextEncoder().encode("wl_shm\0\0").buffer)];
    await this.#request(registry, 0, [name, 7, ...text, 1, this.#memory]);
  }

  async #request(object: number, opcode: number, values: number[], fd?: number): Promise<void> {
    const words = new Uint32Array([object, (8 + 4 * values.length) << 16 | opcode, ...values]);
    const data = new Uint8Array(words.buffer);
    await this.#writer.write(fd === undefined ? { data } : { data, descriptors: [fd] });
  }

  /** Gives each event, until all that was asked before is done. */
  async #sync(each: (object: number, opcode: number, body: DataView) => void): Promise<void> {
    const callback = this.#ids += 1;
    // A compositor that has seen an error closes, and the event with the reason is there to be read.
    await this.#request(1, 0, [callback]).catch(() => {});
    for (;;) {
      const [object, opcode, body] = await this.#event();
      if (object === 1 && opcode === 0) {
        throw new Error(
          new TextDecoder().decode(new Uint8Array(body.buffer, body.byteOffset + 12, body.byteLength - 12)),
        );
      }
      if (object === callback) return;
      each(object, opcode, body);
    }
  }

  async #event(): Promise<[object: number, opcode: number, body: DataView]> {
    for (;;) {
      const head = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
      const length = head.byteLength < 8 ? Infinity : head.getUint16(6, true);
      if (length <= head.byteLength) {
        this.#bytes = this.#bytes.subarray(length);
        const body = new DataView(head.buffer, head.byteOffset + 8, length - 8);
        return [head.getUint32(0, true), head.getUint16(4, true), body];
      }
      const { value, done } = await this.#reader.read();
      if (done) throw new Error("the compositor ends");
      const joined = new Uint8Array(this.#bytes.byteLength + value.data.byteLength);
      joined.set(this.#bytes);
      joined.set(value.data, this.#bytes.byteLength);
      this.#bytes = joined;
    }
  }
}
