/**
 * Socket pairs as Web Streams: a channel between workers, processes and programs in any language, with record boundaries,
 * real backpressure and half-close.
 *
 * ```ts
 * import { socketpair } from "@socketpair/streams";
 *
 * await using pair = socketpair({ type: "seqpacket" });
 * const [left, right] = pair;
 * const writer = left.writable.getWriter();
 * await writer.write(new TextEncoder().encode("one record"));
 * await writer.close();
 * for await (const record of right.readable) console.log(new TextDecoder().decode(record));
 * ```
 *
 * @module
 */

export type { Credentials } from "./ffi/ancillary.ts";
export type { SocketType } from "./ffi/socket_type.ts";
export { SocketError } from "./ffi/errors.ts";
export { useLibc } from "./ffi/libc.ts";
export { OwnedDescriptor } from "./ffi/owned_descriptor.ts";
export type { Chunk } from "./streams/chunk.ts";
export type { Message, ReceivedMessage, SentDescriptor } from "./streams/message.ts";
export { ReceivedDescriptor } from "./streams/received_descriptor.ts";
export {
  type AnyEnd,
  type BatchEnd,
  type Bytes,
  type Detached,
  type MessageEnd,
  SocketEnd,
  type SocketInfo,
} from "./streams/socket_end.ts";
export { type SocketPair, socketpair, type SocketPairOptions } from "./streams/socketpair.ts";
export type { TransferToken } from "./streams/token.ts";
export type { AdoptOptions, SocketEndOptions } from "./streams/socket_end_options.ts";
