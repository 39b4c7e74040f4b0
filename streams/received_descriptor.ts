import { OwnedDescriptor } from "../ffi/owned_descriptor.ts";
import { type BatchEnd, type MessageEnd, SocketEnd } from "./socket_end.ts";
import type { SocketEndOptions } from "./socket_end_options.ts";

/**
 * A descriptor that came with a record. It is close-on-exec from birth, and closed by whoever owns this object: with
 * `close()`, at the end of a `using` block, or by the garbage collector at last.
 */
export class ReceivedDescriptor extends OwnedDescriptor {
  /**
   * Makes an end of it, if it is a socket that one can be made of; otherwise it stays as it is.
   *
   * @param options How the end behaves
   * @returns The end, which owns the descriptor
   * @throws {TypeError} As `SocketEnd.from()`
   * @throws {SocketError} As `SocketEnd.from()`
   */
  toEnd(options: SocketEndOptions & { readonly ancillary: true }): MessageEnd;
  /** As above, with several records a chunk. */
  toEnd(options: SocketEndOptions & { readonly batches: true }): BatchEnd;
  /** As above, with one record a chunk, or bytes. */
  toEnd(options?: SocketEndOptions): SocketEnd;
  toEnd(options: SocketEndOptions = {}): SocketEnd<unknown, never> {
    const end = SocketEnd.from(this.fd, options);
    this.detach();
    return end;
  }
}
