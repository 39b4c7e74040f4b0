import { setBlocking } from "../ffi/descriptor.ts";
import { isEnd, isForeign, lend, type Lent } from "../streams/access.ts";

/** The ends among what programs are given: each stays as it is until it is known that a program has it. */
export class GivenEnds {
  readonly #lent = new Map<object, Lent>();

  /** Throws a TypeError if one of the ends cannot be handed on. Then none is. */
  constructor(entries: Iterable<unknown>) {
    for (const entry of entries) {
      // lend() refuses an end of another copy of the module.
      if (isForeign(entry)) lend(entry);
      if (isEnd(entry) && !this.#lent.has(entry)) this.#lent.set(entry, lend(entry));
    }
  }

  /** An end's descriptor, which blocks from now on as programs expect it, unless others use the socket too. */
  fd(end: object): number {
    const { fd, isShared } = this.#lent.get(end)!.socket;
    if (!isShared) setBlocking(fd);
    return fd;
  }

  /** Closes the ends here. */
  moved(): void {
    for (const lent of this.#lent.values()) lent.moved();
  }
}
