import type { Descriptor } from "../ffi/descriptor.ts";
import type { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import { uninitialized } from "../ffi/uninitialized.ts";
import type { Received, Receiver } from "./_receiver.ts";

/** From this size on it pays not to zero what is overwritten at once. */
const LARGE = 4096;

/** Receives one record a call, whole and in a buffer of its own. */
export class RecordReceiver implements Receiver<Uint8Array<ArrayBuffer>> {
  readonly #descriptor: Descriptor;

  constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
  }

  receive(): Received<Uint8Array<ArrayBuffer>> {
    const length = this.#descriptor.receive();
    if (length < 0) return length as typeof WOULD_BLOCK | typeof END;
    return copyOfRecord(this.#descriptor, length);
  }

  unread(delivered: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer>[] {
    return [...delivered];
  }
}

/**
 * The record of `length` bytes that was just received.
 *
 * @throws {RangeError} If it was longer than what fits
 */
export function copyOfRecord({ scratch }: Descriptor, length: number): Uint8Array<ArrayBuffer> {
  if (length < LARGE) return scratch.slice(0, length);
  if (length <= scratch.byteLength) {
    const record = uninitialized(length);
    record.set(scratch.subarray(0, length));
    return record;
  }
  throw new RangeError(
    `Cannot receive a record of ${length} bytes: only ${scratch.byteLength} bytes fit, the rest is lost`,
  );
}
