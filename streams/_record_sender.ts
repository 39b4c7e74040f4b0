import type { Ancillary } from "../ffi/ancillary.ts";
import type { Descriptor } from "../ffi/descriptor.ts";
import { isTooLarge, raiseRecordLimit } from "../ffi/record_limit.ts";
import { WOULD_BLOCK } from "../ffi/syscalls.ts";
import { type Chunk, lengthOf, partsOf } from "./chunk.ts";
import type { Sender } from "./_sender.ts";

/** Sends every chunk as one record, with one call. */
export class RecordSender implements Sender<Chunk> {
  readonly holdsBack = false;
  readonly #descriptor: Descriptor;

  constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
  }

  send(chunk: Chunk): boolean {
    return sendRecord(this.#descriptor, partsOf(chunk)) !== WOULD_BLOCK;
  }

  drain(): boolean {
    return true;
  }
}

/**
 * Sends a record, with what rides on it. If it is over the present limit, that is raised.
 *
 * @returns The bytes sent, or WOULD_BLOCK
 * @throws {RangeError} If the system does not allow a record of that size
 */
export function sendRecord(
  descriptor: Descriptor,
  parts: Uint8Array | readonly Uint8Array[],
  ancillary?: Ancillary,
): number {
  try {
    return send(descriptor, parts, ancillary);
  } catch (error) {
    const length = lengthOf(parts);
    if (!isTooLarge(error, length)) throw error;
    const limit = raiseRecordLimit(descriptor, length);
    if (length > limit) {
      throw new RangeError(`Cannot send a record of ${length} bytes: the system's limit is ${limit} bytes`);
    }
  }
  return send(descriptor, parts, ancillary);
}

function send(descriptor: Descriptor, parts: Uint8Array | readonly Uint8Array[], ancillary?: Ancillary): number {
  return parts instanceof Uint8Array ? descriptor.send(parts) : descriptor.sendParts(parts, ancillary);
}
