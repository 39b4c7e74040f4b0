/** What other folders may do with an end beyond its public methods. */

import { type AnyEnd, lendEnd, SocketEnd } from "./socket_end.ts";

/** An end's descriptor for a moment: to be handed on while it may yet turn out that it cannot be. */
export interface Lease {
  /** The descriptor, which stays the end's. */
  readonly fd: number;
  /** Whether the socket has other owners. */
  readonly shared: boolean;
  /** Closes the end here: another process has the descriptor now. */
  moved(): void;
}

/** Lends an end's descriptor. Throws a TypeError if the end cannot be handed on. */
export function lend(end: AnyEnd): Lease {
  return lendEnd(end);
}

/** Whether a value is an end. */
export function isEnd(value: unknown): value is AnyEnd {
  return value instanceof SocketEnd;
}
