import { OwnedDescriptor } from "../ffi/owned_descriptor.ts";

let make: (fd: number) => ReceivedDescriptor;
let owner: (value: object) => OwnedDescriptor | undefined;

/**
 * A descriptor that came with a message. It is close-on-exec from birth, and closed by its owner: with `close()`, at the end of a
 * `using` block, or by the garbage collector at last.
 *
 * `fd` is its number for a call that only looks at it; `detach()` gives the number to what closes it. What each runtime makes of
 * it:
 *
 * | what it is            | Deno                                      | Bun                         | Node                           |
 * | --------------------- | ----------------------------------------- | --------------------------- | ------------------------------ |
 * | a file                | its path `/proc/self/fd/${fd}`            | `node:fs` by `fd`           | `node:fs` by `fd`              |
 * | a listening socket    | `net.createServer().listen({ fd })`       | the same                    | the same                       |
 * | a connection          | `new net.Socket({ fd })`                  | `net.connect({ fd })`       | `new net.Socket({ fd })`       |
 * | a connected AF_UNIX   | `SocketEnd.from(it)`                      | the same                    | the same                       |
 * | any of them           | in `stdio` of `spawn()`                   | the same                    | the same                       |
 *
 * - By the path, the file is opened anew: from its beginning, and with the rights that this process has. Deno's `node:fs` takes
 *   no descriptor that Deno has not opened (EBADF).
 * - `net` closes the descriptor: give it `detach()`. In Bun `new net.Socket({ fd })` never reads.
 */
export class ReceivedDescriptor implements Disposable {
  readonly #owned: OwnedDescriptor;

  private constructor(owned: OwnedDescriptor) {
    if (!(owned instanceof OwnedDescriptor)) {
      throw new TypeError("Cannot construct a ReceivedDescriptor: messages bring them");
    }
    this.#owned = owned;
  }

  static {
    make = (fd) => new ReceivedDescriptor(new OwnedDescriptor(fd));
    owner = (value) => #owned in value ? value.#owned : undefined;
  }

  /** The number, for calls that only look at it; -1 once it is closed or given up. */
  get fd(): number {
    return this.#owned.fd;
  }

  /**
   * Gives the descriptor up without closing it.
   *
   * @returns The descriptor, which is the caller's from now on
   * @throws {TypeError} If it is closed or given up already
   */
  detach(): number {
    return this.#owned.detach();
  }

  /** Closes the descriptor. Again: no effect. */
  close(): void {
    this.#owned.close();
  }

  /** Closes the descriptor, as {@linkcode ReceivedDescriptor.close} does. */
  [Symbol.dispose](): void {
    this.#owned.close();
  }
}

/** Takes ownership of a descriptor that came with a message. */
export function receivedDescriptor(fd: number): ReceivedDescriptor {
  return make(fd);
}

/** The owner inside a received descriptor, of which only this module makes another; undefined for any other value. */
export function ownerOf(value: unknown): OwnedDescriptor | undefined {
  return typeof value === "object" && value !== null ? owner(value) : undefined;
}
