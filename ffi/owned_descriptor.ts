import { arena } from "./arena.ts";
import { checked, close } from "./syscalls.ts";
import { F_DUPFD_CLOEXEC } from "./systems/linux.ts";

const abandoned = new FinalizationRegistry<number>((fd) => close(arena(), fd));

/** The owner of a descriptor of any kind, which it closes: at the latest when the garbage collector finds it. */
export class OwnedDescriptor implements Disposable {
  #fd: number;

  /**
   * Takes ownership.
   *
   * @param fd The descriptor
   */
  constructor(fd: number) {
    this.#fd = fd;
    abandoned.register(this, fd, this);
  }

  /**
   * Duplicates a descriptor.
   *
   * @param fd The descriptor, which stays its owner's
   * @param least The lowest number that the duplicate may have
   * @returns The duplicate, close-on-exec
   * @throws {SocketError} EBADF or EMFILE
   */
  static duplicate(fd: number, least: number): OwnedDescriptor {
    const memory = arena();
    const { calls } = memory.libc;
    return new OwnedDescriptor(
      checked(memory, "Cannot duplicate the descriptor", "fcntl", () => calls.fcntl(fd, F_DUPFD_CLOEXEC, least)),
    );
  }

  /** The number, for calls that only look at it; -1 once it is closed or given up. */
  get fd(): number {
    return this.#fd;
  }

  /** Gives the descriptor up without closing it. */
  detach(): number {
    if (this.#fd === -1) throw new TypeError("Cannot detach: the descriptor is closed");
    const fd = this.#fd;
    this.#fd = -1;
    abandoned.unregister(this);
    return fd;
  }

  /** Closes the descriptor. Again: no effect. */
  close(): void {
    if (this.#fd !== -1) close(arena(), this.detach());
  }

  /** As {@linkcode OwnedDescriptor.close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}
