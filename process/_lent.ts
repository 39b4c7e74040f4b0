import { setBlocking } from "../ffi/descriptor.ts";
import { isEnd, isForeign, lend, type Lent as Lease } from "../streams/access.ts";

/** The ends among what programs are to have: each stays as it is until it is known that a program has it. */
export class Lent {
  readonly #leases = new Map<object, Lease>();

  /** Throws a TypeError if one of the ends cannot be handed on. Then none is. */
  constructor(entries: Iterable<unknown>) {
    for (const entry of entries) {
      // What is an end of another copy of the module is refused.
      if (isForeign(entry)) lend(entry);
      if (isEnd(entry) && !this.#leases.has(entry)) this.#leases.set(entry, lend(entry));
    }
  }

  /** An end's descriptor, which blocks from now on as programs expect it, unless others use the socket too. */
  fd(end: object): number {
    const { fd, shared } = this.#leases.get(end)!;
    if (!shared) setBlocking(fd);
    return fd;
  }

  /** Closes the ends here. */
  moved(): void {
    for (const lease of this.#leases.values()) lease.moved();
  }
}
