import { WOULD_BLOCK } from "../ffi/syscalls.ts";
import { type Chunk, lengthOf, partsOf, restOf } from "./chunk.ts";
import { Sink } from "./_sink.ts";

/** Sends bytes, as many calls a chunk as the kernel needs: the underlying sink of an end of type `"stream"`. */
export class ByteSink extends Sink<Chunk> {
  /** How much of the chunk under way the kernel has taken, and how long the chunk was when it began. */
  #sent = 0;
  #length = 0;

  protected deliver(chunk: Chunk): boolean {
    const parts = partsOf(chunk);
    const length = lengthOf(parts);
    if (this.#sent === 0) this.#length = length;
    else if (length !== this.#length) {
      throw new TypeError(
        `Cannot write the rest of a chunk: it was ${this.#length} bytes long, ${this.#sent} are sent, and now it has ${length}`,
      );
    }
    while (this.#sent < length) {
      const rest = this.#sent === 0 ? parts : restOf(parts, this.#sent);
      const sent = rest instanceof Uint8Array ? this.descriptor.send(rest) : this.descriptor.sendParts(rest);
      if (sent === WOULD_BLOCK) return false;
      this.#sent += sent;
    }
    this.#sent = 0;
    return true;
  }
}
