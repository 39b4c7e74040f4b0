import { SocketError } from "../ffi/errors.ts";
import { WOULD_BLOCK } from "../ffi/syscalls.ts";
import { type Chunk, lengthOf, partsOf } from "./_chunk.ts";
import { Sink } from "./_sink.ts";

/** Sends every chunk as one record: the underlying sink of an end of type `"seqpacket"` or `"dgram"`. */
export class RecordSink extends Sink {
  protected deliver(chunk: Chunk): boolean {
    const parts = partsOf(chunk);
    try {
      return this.#send(parts);
    } catch (error) {
      if (!(error instanceof SocketError) || error.code !== "EMSGSIZE") throw error;
    }
    const length = lengthOf(parts);
    const limit = Math.min(this.descriptor.raiseRecordLimit(length), this.descriptor.scratch.byteLength);
    if (length > limit) {
      throw new RangeError(`Cannot send a record of ${length} bytes: the system's limit is ${limit} bytes`);
    }
    return this.#send(parts);
  }

  #send(parts: Uint8Array | Uint8Array[]): boolean {
    const sent = parts instanceof Uint8Array ? this.descriptor.send(parts) : this.descriptor.sendParts(parts);
    return sent !== WOULD_BLOCK;
  }
}
