import { OwnedDescriptor } from "../ffi/owned_descriptor.ts";
import type { Socket } from "../ffi/socket.ts";
import { nameOf } from "./chunk.ts";

/** An end's descriptor for a moment: to be handed on while it may yet turn out that it cannot be. */
export interface Lent {
  /** The socket, which stays the end's. */
  readonly socket: Pick<Socket, "fd" | "isShared" | "isHungUp" | "isEmpty">;
  /** The descriptor has a new owner elsewhere: closes it here, and nothing else. */
  moved(): void;
}

/** What an end is made of, as far as other files of this module need it. */
export interface Handle {
  readonly socket: Socket;
  readonly source: { readonly hasUnread: boolean };
  closesTogether: boolean;
  checkIdle(act: string): void;
  detach(act: string): { readonly fd: number };
}

/** The ends of this copy of the module: what no user may do with an end, other files of the module do by its handle. */
const handles = new WeakMap<object, Handle>();

/** Makes an end known to the other files of this module. */
export function register(end: object, handle: Handle): void {
  handles.set(end, handle);
}

/** Whether a value is an end of this copy of the module. */
export function isEnd(value: unknown): value is object {
  return handles.has(value as object);
}

/** Whether a value is an end of another copy of the module. */
export function isForeign(value: unknown): boolean {
  return Object.prototype.toString.call(value) === "[object SocketEnd]" && !isEnd(value);
}

/** The number of an end's descriptor, or -1: for tests, to which `end.fd` would count as told. */
export function descriptorOf(end: object): number {
  return handles.get(end)!.socket.fd;
}

/** Makes an end close as a whole as soon as either direction has ended. */
export function closeTogether(end: object): void {
  handles.get(end)!.closesTogether = true;
}

/**
 * Lends an end's descriptor to what hands it on.
 *
 * @param act What is to be done with it, for the error
 * @throws {TypeError} If the end is closed, is of another copy of the module, has received ahead, or has writes under way that
 * the kernel does not take now
 */
export function lend(end: unknown, act: string = "hand the end over"): Lent {
  const handle = handles.get(end as object);
  if (handle === undefined) {
    throw new TypeError(
      isForeign(end)
        ? `Cannot ${act}: it belongs to another copy of this module; detach() gives its descriptor`
        : `Cannot ${act}: it is ${nameOf(end)}, not a SocketEnd`,
    );
  }
  handle.checkIdle(act);
  if (handle.source.hasUnread) throw new TypeError(`Cannot ${act}: it has received ahead`);
  const { socket } = handle;
  socket.restore();
  return { socket, moved: () => new OwnedDescriptor(handle.detach(act).fd).close() };
}
