/** The address space of the fake C library: numbers on the outside, ArrayBuffers behind them. */

/** Large blocks for the next fake. All but their beginning comes as it was left: no test may count on an empty scratch. */
const spare: ArrayBuffer[] = [];
const LARGE = 1024 * 1024;
const ZEROED = 65_536;

interface Region {
  readonly address: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Memory that was mapped, and views that are lent until the next call is over. */
export class FakeMemory {
  /** Above 2^32, so that an address that loses its upper half is found out. */
  #next = 0x7f12_0000_0000;
  #nextLoan = 0x5599_0000_0000;
  readonly #mapped: Region[] = [];
  #loans: { readonly address: number; readonly bytes: Uint8Array }[] = [];

  /** Maps memory. Returns its address. */
  map(length: number): number {
    const address = this.#next;
    this.#next += Math.ceil(length / 4096) * 4096 + 4096;
    const index = spare.findIndex((buffer) => buffer.byteLength === length);
    const buffer = index === -1 ? new ArrayBuffer(length) : spare.splice(index, 1)[0]!;
    this.#mapped.push({ address, bytes: new Uint8Array(buffer) });
    return address;
  }

  /** The memory that was mapped at an address. */
  buffer(address: number): ArrayBuffer {
    return this.#mapped.find((region) => region.address === address)!.bytes.buffer;
  }

  /** An address for a caller's bytes, good until {@linkcode FakeMemory.expire}. */
  lend(bytes: Uint8Array): number {
    const address = this.#nextLoan + bytes.byteOffset % 4096;
    this.#nextLoan += 2 ** 32;
    this.#loans.push({ address, bytes });
    return address;
  }

  /** Takes back what was lent. */
  expire(): void {
    if (this.#loans.length > 0) this.#loans = [];
  }

  /** What the kernel finds at an address; `undefined` if that is a fault. */
  bytes(address: number, length: number): Uint8Array | undefined {
    for (const region of [...this.#mapped, ...this.#loans]) {
      const offset = address - region.address;
      if (offset < 0 || offset + length > region.bytes.byteLength) continue;
      return region.bytes.subarray(offset, offset + length);
    }
    return undefined;
  }

  /** Gives the large blocks to the next fake. */
  dispose(): void {
    for (const { bytes } of this.#mapped.splice(0)) {
      if (bytes.byteLength < LARGE) continue;
      bytes.fill(0, 0, ZEROED);
      spare.push(bytes.buffer);
    }
  }
}
