import type { Descriptor } from "../ffi/descriptor.ts";
import type { END, WOULD_BLOCK } from "../ffi/syscalls.ts";
import type { Received, Receiver } from "./_receiver.ts";
import { copyOfRecord } from "./_record_receiver.ts";
import type { ReceivedMessage } from "./message.ts";
import { ReceivedDescriptor } from "./received_descriptor.ts";

/** How much of a stream is received at once. */
const CHUNK_SIZE = 64 * 1024;

/** Receives records (or bytes of a stream) with what rides on them. */
export class MessageReceiver implements Receiver<ReceivedMessage> {
  readonly #descriptor: Descriptor;
  readonly #limit: number;

  constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
    this.#limit = descriptor.type === "stream" ? CHUNK_SIZE : descriptor.scratch.byteLength;
  }

  receive(): Received<ReceivedMessage> {
    const { length, ancillary, truncated } = this.#descriptor.receiveMessage(this.#limit);
    if (length < 0) return length as typeof WOULD_BLOCK | typeof END;
    // Owned before anything can fail.
    const descriptors = ancillary.descriptors.map((fd) => new ReceivedDescriptor(fd));
    try {
      if (truncated) {
        throw new RangeError(
          `Cannot receive the descriptors of a record: more came than the ${descriptors.length} that this process can open`,
        );
      }
      const data = copyOfRecord(this.#descriptor, length);
      const { credentials } = ancillary;
      return credentials === undefined ? { data, descriptors } : { data, descriptors, credentials };
    } catch (error) {
      for (const descriptor of descriptors) descriptor.close();
      throw error;
    }
  }

  unread(delivered: readonly ReceivedMessage[]): ReceivedMessage[] {
    return [...delivered];
  }
}
