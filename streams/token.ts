import { OwnedDescriptor } from "../ffi/owned_descriptor.ts";
import type { SocketType } from "../ffi/socket_type.ts";
import { isSharedBuffer } from "../ffi/views.ts";
import { closeUnread, pack, type PackedMessage, type ReceivedMessage, unpack } from "./messages.ts";
import type { ChunkKind } from "./options.ts";
import type { Framing } from "./prefix.ts";
import type { SocketInfo } from "./socket_info.ts";

const KIND = "@socketpair/streams end";

/**
 * An end on its way to another thread of this process: a plain value for `postMessage` or `workerData`. No thread owns the
 * descriptor until it is received or revoked, of which exactly one succeeds, once.
 *
 * `postMessage` loses its type: the receiver names it. Without a kind it is the token of an end whose chunks are bytes or
 * records; of the others it is `TransferToken<"batches">` and `TransferToken<"messages">`.
 */
export interface TransferToken<Kind extends ChunkKind = "bytes" | "records"> {
  /** Tells it from other messages. */
  readonly kind: "@socketpair/streams end";
  /** The kind of socket. */
  readonly type: SocketType;
  /** What a chunk is. */
  readonly chunks: Kind;
  /** How the length before each record is written, if there is one. */
  readonly framing: Framing | undefined;
  /** The descriptor. */
  readonly fd: number;
  /** The addresses, which `SocketEnd.opened` of the new end resolves to. */
  readonly addresses: SocketInfo;
  /** Whether the socket has other owners: see `SocketEnd.duplicate()`. */
  readonly shared: boolean;
  /** What was received ahead and not read. */
  readonly unread: readonly unknown[];
  /** One int, shared by all copies of the token: whether it is still to be had. */
  readonly state: SharedArrayBuffer;
}

const WAITING = 0;
const TAKEN = 1;

/** Makes a token of what is given up: the descriptors of its messages go as numbers. */
export function tokenFor(parts: Omit<TransferToken<ChunkKind>, "kind" | "state">): TransferToken<ChunkKind> {
  const unread = parts.chunks === "messages" ? pack(parts.unread as ReceivedMessage[]) : parts.unread;
  return { kind: KIND, ...parts, unread, state: new SharedArrayBuffer(4) };
}

/** Whether a value is a token, of whatever realm. */
export function isToken(value: unknown): value is TransferToken<ChunkKind> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === KIND && "state" in value &&
    isSharedBuffer(value.state);
}

/** What a token stands for, until another object has taken the descriptor over. */
export interface Claim extends Disposable {
  readonly descriptor: OwnedDescriptor;
  readonly unread: readonly unknown[];
}

/** Claims what a token stands for. Only the first claim of all threads gets it, the others get undefined. */
export function claim(token: TransferToken<ChunkKind>): Claim | undefined {
  if (Atomics.compareExchange(new Int32Array(token.state), 0, WAITING, TAKEN) !== WAITING) return undefined;
  const descriptor = new OwnedDescriptor(token.fd);
  const messages = token.chunks === "messages" ? unpack(token.unread as PackedMessage[]) : [];
  return {
    descriptor,
    unread: token.chunks === "messages" ? messages : token.unread,
    [Symbol.dispose](): void {
      if (descriptor.fd === -1) return;
      descriptor.close();
      closeUnread(messages);
    },
  };
}
