import type { SocketType } from "../ffi/socket_type.ts";
import { isSharedBuffer } from "./chunk.ts";

const KIND = "@socketpair/streams end";

/**
 * An end on its way to another thread of this process: a plain value for `postMessage` or `workerData`. No thread owns the
 * descriptor until it is received or revoked, of which exactly one succeeds, once.
 */
export interface TransferToken {
  /** Tells it from other messages. */
  readonly kind: "@socketpair/streams end";
  /** The kind of socket. */
  readonly type: SocketType;
  /** The descriptor. */
  readonly fd: number;
  /** Whether the socket has other owners: see `SocketEnd.duplicate()`. */
  readonly shared: boolean;
  /** What was received ahead and not read. */
  readonly unread: readonly unknown[];
  /** One int, shared by all copies of the token: whether it is still to be had. */
  readonly state: SharedArrayBuffer;
}

const WAITING = 0;
const TAKEN = 1;

/** Makes a token. */
export function tokenFor(type: SocketType, fd: number, shared: boolean, unread: readonly unknown[]): TransferToken {
  return { kind: KIND, type, fd, shared, unread, state: new SharedArrayBuffer(4) };
}

/** Whether a value is a token, of whatever realm. */
export function isToken(value: unknown): value is TransferToken {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === KIND && "state" in value &&
    isSharedBuffer(value.state);
}

/** Claims what a token stands for. True for the first that asks, in whatever thread. */
export function claim(token: TransferToken): boolean {
  return Atomics.compareExchange(new Int32Array(token.state), 0, WAITING, TAKEN) === WAITING;
}
