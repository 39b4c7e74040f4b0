import type { SocketType } from "../ffi/socket_type.ts";

/**
 * An end on its way to another thread of this process: a plain value for `postMessage` or `workerData`. Nobody owns the
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
  return { kind: "@socketpair/streams end", type, fd, shared, unread, state: new SharedArrayBuffer(4) };
}

/** Refuses what is not a token. */
export function checkToken(token: TransferToken): TransferToken {
  if (token?.kind === "@socketpair/streams end" && token.state instanceof SharedArrayBuffer) return token;
  throw new TypeError("Cannot use the token: it is not one that SocketEnd.transfer() has made");
}

/** Claims what a token stands for. True for the first who asks, in whatever thread. */
export function claim(token: TransferToken): boolean {
  return Atomics.compareExchange(new Int32Array(token.state), 0, WAITING, TAKEN) === WAITING;
}
