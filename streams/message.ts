import type { Credentials } from "../ffi/ancillary.ts";
import type { Chunk } from "./chunk.ts";
import type { ReceivedDescriptor } from "./received_descriptor.ts";
import type { AnyEnd } from "./socket_end.ts";

/** What can be sent as a descriptor: its number, an end (which is closed here once it is sent), or a file object. */
export type SentDescriptor = number | AnyEnd | { readonly fd: number };

/** A chunk of an end with `ancillary: true`, as it is written. */
export interface Message {
  /** The record, or on a `"stream"` the bytes, of which there must be one at least. */
  readonly data: Chunk;
  /** Descriptors to go with it, at most 253. Numbers and file objects stay the sender's own. */
  readonly descriptors?: readonly SentDescriptor[];
  /** Who sends, where that is not this process as it is. The kernel checks it: EPERM. */
  readonly credentials?: Credentials;
}

/** A chunk of an end with `ancillary: true`, as it is read. */
export interface ReceivedMessage {
  /** The record, or on a `"stream"` some bytes: those that the descriptors came with, and maybe more. */
  readonly data: Uint8Array<ArrayBuffer>;
  /** The descriptors that came with it. */
  readonly descriptors: readonly ReceivedDescriptor[];
  /** Who sent it, if the end has `credentials: true`. */
  readonly credentials?: Credentials;
}
