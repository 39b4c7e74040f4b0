import type { Bytes, Each, Port } from "./port.ts";

const BATCH = 64 * 1024;
const EMPTY = new Uint8Array(0);

/** A channel of bytes, and whether it may still look at what it was given when `send` has resolved. */
export interface BytePort extends Port {
  readonly retains?: boolean;
}

/**
 * Records over a channel of bytes, as a careful user writes it today: a length of 4 bytes (little-endian) before each,
 * coalesced into writes of up to 64 KiB, and parsed out of reads as large as they come.
 */
export class FramedPort implements Port {
  readonly #port: BytePort;
  #batch = new Uint8Array(BATCH);
  #view = new DataView(this.#batch.buffer);
  #filled = 0;

  constructor(port: BytePort) {
    this.#port = port;
  }

  send(record: Bytes): void | Promise<unknown> {
    const end = this.#filled + 4 + record.byteLength;
    if (end > BATCH) return this.#sendAfterFlush(record);
    this.#view.setUint32(this.#filled, record.byteLength, true);
    this.#batch.set(record, this.#filled + 4);
    this.#filled = end;
  }

  flush(): void | Promise<unknown> {
    if (this.#filled === 0) return;
    const batch = this.#batch.subarray(0, this.#filled);
    this.#filled = 0;
    if (this.#port.retains) {
      this.#batch = new Uint8Array(BATCH);
      this.#view = new DataView(this.#batch.buffer);
    }
    return this.#port.send(batch);
  }

  receive(each: Each): Promise<void> {
    let rest: Bytes = EMPTY;
    return this.#port.receive((chunk) => {
      const bytes = rest.byteLength === 0 ? chunk : concatenated(rest, chunk);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let at = 0;
      let wait: ReturnType<Each> = undefined;
      while (bytes.byteLength - at >= 4) {
        const start = at + 4;
        const end = start + view.getUint32(at, true);
        if (end > bytes.byteLength) break;
        wait = each(bytes.subarray(start, end)) ?? wait;
        at = end;
      }
      // Copied: the next read may use the same memory.
      rest = at === bytes.byteLength ? EMPTY : bytes.slice(at);
      return wait;
    });
  }

  async #sendAfterFlush(record: Bytes): Promise<void> {
    await this.flush();
    await this.send(record);
  }
}

function concatenated(first: Uint8Array, second: Uint8Array): Bytes {
  const bytes = new Uint8Array(first.byteLength + second.byteLength);
  bytes.set(first);
  bytes.set(second, first.byteLength);
  return bytes;
}
