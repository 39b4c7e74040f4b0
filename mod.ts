/**
 * Socket pairs as Web Streams: a channel between workers, processes and programs in any language, with record boundaries,
 * real backpressure and half-close.
 *
 * ```ts
 * import { socketpair } from "@socketpair/streams";
 *
 * await using pair = socketpair({ type: "seqpacket" });
 * const [left, right] = pair;
 * await left.write(new TextEncoder().encode("one record"));
 * await left.closeWrite();
 * for await (const record of right.readable) console.log(new TextDecoder().decode(record));
 * ```
 *
 * @module
 */

export type { Credentials } from "./ffi/ancillary.ts";
export { SocketError } from "./ffi/errors.ts";
export type { SocketType } from "./ffi/socket_type.ts";
export type { Bytes, Chunk } from "./streams/chunk.ts";
export { FramingError } from "./streams/framing_error.ts";
export type { Message, ReceivedMessage, SentDescriptor } from "./streams/messages.ts";
export type {
  AdoptOptions,
  CallOptions,
  ChunkKind,
  ChunksOption,
  SocketEndOptions,
  SocketPairOptions,
} from "./streams/options.ts";
export type { Framing } from "./streams/prefix.ts";
export { ReceivedDescriptor } from "./streams/received_descriptor.ts";
export {
  type AnyEnd,
  type Detached,
  type EndOf,
  type KindOf,
  SocketEnd,
  type SocketInfo,
} from "./streams/socket_end.ts";
export { type SocketPair, socketpair } from "./streams/socketpair.ts";
export type { TransferToken } from "./streams/token.ts";
