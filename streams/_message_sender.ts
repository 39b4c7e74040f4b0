import type { Descriptor } from "../ffi/descriptor.ts";
import { WOULD_BLOCK } from "../ffi/syscalls.ts";
import { lengthOf, partsOf, restOf } from "./chunk.ts";
import { sendRecord } from "./_record_sender.ts";
import type { Sender } from "./_sender.ts";
import type { Message, SentDescriptor } from "./message.ts";
import { lendEnd, SocketEnd } from "./socket_end.ts";

/** Sends records (or bytes of a stream) with what rides on them. */
export class MessageSender implements Sender<Message> {
  readonly holdsBack = false;
  readonly #descriptor: Descriptor;
  /** How much of a chunk of a stream is sent. What rides on it goes with the first byte. */
  #sent = 0;

  constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
  }

  send(message: Message): boolean {
    if (typeof message !== "object" || message === null || !("data" in message)) {
      throw new TypeError("Cannot write a message: it is an object with data, and maybe descriptors and credentials");
    }
    const { data, descriptors = [], credentials } = message;
    const parts = [partsOf(data)].flat();
    const isStream = this.#descriptor.type === "stream";
    const length = lengthOf(parts);
    if (this.#sent === 0) {
      if (isStream && length === 0) {
        throw new TypeError("Cannot write a message on a stream: it has no byte to ride on");
      }
      const ancillary = { descriptors: descriptors.map(numberOf), credentials };
      const sent = sendRecord(this.#descriptor, parts, ancillary);
      if (sent === WOULD_BLOCK) return false;
      for (const end of new Set(descriptors)) if (end instanceof SocketEnd) lendEnd(end).moved();
      if (!isStream) return true;
      this.#sent = sent;
    }
    while (this.#sent < length) {
      const sent = this.#descriptor.sendParts(restOf(parts, this.#sent) as Uint8Array[]);
      if (sent === WOULD_BLOCK) return false;
      this.#sent += sent;
    }
    this.#sent = 0;
    return true;
  }

  drain(): boolean {
    return true;
  }
}

function numberOf(descriptor: SentDescriptor): number {
  if (descriptor instanceof SocketEnd) return lendEnd(descriptor).fd;
  const fd = typeof descriptor === "number" ? descriptor : descriptor?.fd;
  if (Number.isInteger(fd) && fd >= 0) return fd;
  throw new TypeError("Cannot send a descriptor: it is a number, a SocketEnd or an object with the number as fd");
}
