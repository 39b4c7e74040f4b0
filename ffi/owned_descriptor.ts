import { type Arena, arena } from "./arena.ts";
import { close, duplicate } from "./syscalls.ts";

/** What uses a descriptor besides its owner, and must let go of it before the number is free. */
export interface DescriptorUser {
  /** Lets go of the descriptor. */
  forget(): void;
}

/** What the finalizer needs. None of it may refer to the owner, which would then never be collected. */
interface Held {
  readonly arena: Arena;
  readonly fd: number;
  readonly user: DescriptorUser | undefined;
}

/** The numbers that this thread owns: none may get a second owner. */
const numbers = new Set<number>();

/** The last resort: closes the descriptor of an owner that the garbage collector has found. */
const abandoned = new FinalizationRegistry<Held>(({ arena, fd, user }) => {
  user?.forget();
  numbers.delete(fd);
  close(arena, fd);
});

/**
 * The one owner of a descriptor of any kind.
 *
 * - It closes the descriptor once: by `close()`, at the end of a `using` block, or when the garbage collector finds it,
 *   which may be never.
 * - After that there is no number left to call with, so a new descriptor that gets the same number is never touched.
 */
export class OwnedDescriptor implements Disposable {
  #fd: number;
  readonly #arena: Arena = arena();
  readonly #user: DescriptorUser | undefined;

  /**
   * Takes ownership.
   *
   * @param fd The descriptor
   * @param user What must let go of the descriptor before it is closed or given up
   */
  constructor(fd: number, user?: DescriptorUser) {
    this.#fd = fd;
    this.#user = user;
    numbers.add(fd);
    abandoned.register(this, { arena: this.#arena, fd, user }, this);
  }

  /**
   * Duplicates a descriptor.
   *
   * @param fd The descriptor, which stays its owner's
   * @param least The lowest number that the duplicate may have
   * @returns The owner of the duplicate, which is close-on-exec
   * @throws {SocketError} EBADF or EMFILE
   */
  static duplicate(fd: number, least: number): OwnedDescriptor {
    return new OwnedDescriptor(duplicate(arena(), fd, least));
  }

  /** Whether an object of this thread owns a descriptor. */
  static owns(fd: number): boolean {
    return numbers.has(fd);
  }

  /** The number, for calls that only look at it; -1 once it is closed or given up. */
  get fd(): number {
    return this.#fd;
  }

  /**
   * Gives the descriptor up without closing it.
   *
   * @returns The descriptor, which is the caller's from now on
   * @throws {TypeError} If it is closed or given up already
   */
  detach(): number {
    if (this.#fd === -1) throw new TypeError("Cannot detach: the descriptor is closed");
    this.#user?.forget();
    const fd = this.#fd;
    this.#fd = -1;
    numbers.delete(fd);
    abandoned.unregister(this);
    return fd;
  }

  /**
   * Moves the descriptor into a new owner.
   *
   * @param make Makes the new owner. If it throws, the descriptor stays here
   * @returns What `make` returns
   */
  move<Owner>(make: (fd: number) => Owner): Owner {
    let owner: Owner;
    try {
      owner = make(this.#fd);
    } catch (error) {
      numbers.add(this.#fd);
      throw error;
    }
    this.#fd = -1;
    abandoned.unregister(this);
    return owner;
  }

  /** Closes the descriptor. Again: no effect. */
  close(): void {
    if (this.#fd !== -1) close(this.#arena, this.detach());
  }

  /** Closes the descriptor, as {@linkcode OwnedDescriptor.close} does. */
  [Symbol.dispose](): void {
    this.close();
  }
}
