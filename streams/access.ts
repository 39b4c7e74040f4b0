import type { Socket } from "../ffi/socket.ts";
import { nameOf } from "./chunk.ts";
import type { AdoptOptions, ChunkKind } from "./options.ts";
import type { AnyEnd, SocketEnd } from "./socket_end.ts";

/** An end's descriptor for a moment: to be handed on while it may yet turn out that it cannot be. */
export interface Lent {
  /** The descriptor, which stays the end's. */
  readonly fd: number;
  /** Whether other ends have the socket too. */
  readonly shared: boolean;
  /** The descriptor has a new owner elsewhere: closes it here, and nothing else. */
  moved(): void;
}

/** What other files of this module may do with an end that a user may not. The class provides it. */
export interface Access {
  lend(end: AnyEnd, act: string): Lent;
  isEnd(value: unknown): value is AnyEnd;
  isOpen(end: AnyEnd): boolean;
  wrap(socket: Socket, kind: ChunkKind, options: AdoptOptions): SocketEnd<never, never>;
}

let access: Access | undefined;

/** Called once by the class. */
export function provide(provided: Access): void {
  access = provided;
}

/** Whether a value is an end of this copy of the module. */
export function isEnd(value: unknown): value is AnyEnd {
  return access!.isEnd(value);
}

/** Whether a value is an end of another copy of the module. */
export function isForeign(value: unknown): boolean {
  return Object.prototype.toString.call(value) === "[object SocketEnd]" && !isEnd(value);
}

/** Makes an end of a socket. If it throws, the socket stays the caller's. */
export function wrap(socket: Socket, kind: ChunkKind, options: AdoptOptions): SocketEnd<never, never> {
  return access!.wrap(socket, kind, options);
}

/** Whether an end has its descriptor still. */
export function isOpen(end: AnyEnd): boolean {
  return access!.isOpen(end);
}

/**
 * Lends an end's descriptor to what hands it on.
 *
 * @param act What is to be done with it, for the error
 * @throws {TypeError} If the end is closed, is of another copy of the module, has received ahead, or has writes under way that
 * the kernel does not take now
 */
export function lend(end: unknown, act: string = "hand the end over"): Lent {
  if (isEnd(end)) return access!.lend(end, act);
  if (isForeign(end)) {
    throw new TypeError(`Cannot ${act}: it belongs to another copy of this module; detach() gives its descriptor`);
  }
  throw new TypeError(`Cannot ${act}: it is ${nameOf(end)}, not a SocketEnd`);
}
