/** How the length before each record is written: its width and its byte order. */
export type Framing = "uint32le" | "uint32be" | "uint16le" | "uint16be";

/** The framings by name. */
export const FRAMINGS: readonly Framing[] = ["uint32le", "uint32be", "uint16le", "uint16be"];

/** Writes and reads the length before a record. */
export class Prefix {
  readonly framing: Framing;
  /** In bytes. */
  readonly size: 2 | 4;
  /** The longest record whose length it can say. */
  readonly max: number;
  readonly #littleEndian: boolean;

  constructor(framing: Framing) {
    this.framing = framing;
    this.size = framing.startsWith("uint16") ? 2 : 4;
    this.max = 2 ** (8 * this.size) - 1;
    this.#littleEndian = framing.endsWith("le");
  }

  /** The length that stands at an offset. */
  get(view: DataView, offset: number): number {
    return this.size === 4 ? view.getUint32(offset, this.#littleEndian) : view.getUint16(offset, this.#littleEndian);
  }

  /** Writes a length at an offset. */
  set(view: DataView, offset: number, length: number): void {
    if (this.size === 4) view.setUint32(offset, length, this.#littleEndian);
    else view.setUint16(offset, length, this.#littleEndian);
  }

  /** The same width in the other byte order. */
  get other(): Framing {
    const width = this.size === 4 ? "uint32" : "uint16";
    return `${width}${this.#littleEndian ? "be" : "le"}`;
  }
}
