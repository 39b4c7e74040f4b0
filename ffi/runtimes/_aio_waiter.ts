import type { AsyncPolls } from "./_aio.ts";
import type { Host, Waiter } from "./contract.ts";

/**
 * Waits by the kernel's asynchronous polls. These keep the process alive, always: what shall not waits in another way.
 */
export class AioWaiter implements Waiter {
  readonly #polls: AsyncPolls;
  readonly #immediate: Host["immediate"];
  readonly #fd: number;
  readonly #ready: () => void;
  readonly #makeOther: () => Waiter;
  #other: Waiter | undefined;
  #wanted = false;
  #underWay = false;

  /** @param makeOther Makes a waiter that may let the process end, for the same descriptor and the same `ready` */
  constructor(
    polls: AsyncPolls,
    immediate: Host["immediate"],
    fd: number,
    ready: () => void,
    makeOther: () => Waiter,
  ) {
    this.#polls = polls;
    this.#immediate = immediate;
    this.#fd = fd;
    this.#ready = ready;
    this.#makeOther = makeOther;
  }

  arm(keepAlive: boolean): void {
    if (!keepAlive || !this.#begin()) {
      this.#rest();
      this.#other ??= this.#makeOther();
      return this.#other.arm(keepAlive);
    }
    this.#other?.disarm();
    this.#wanted = true;
    this.#polls.listen(this, true);
  }

  disarm(): void {
    this.#rest();
    this.#other?.disarm();
  }

  /** The kernel has a reference of its own to what it polls: the number may be closed. */
  close(done: () => void): void {
    this.#rest();
    if (this.#other === undefined) done();
    else this.#other.close(done);
  }

  #begin(): boolean {
    return this.#underWay ||= this.#polls.submit(this.#fd, this.#over);
  }

  #rest(): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#polls.listen(this, false);
    this.#immediate(() => this.#immediate(() => this.#polls.rest()));
  }

  readonly #over = (): void => {
    this.#underWay = false;
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#ready();
    if (this.#wanted) return;
    this.#wanted = true;
    this.#rest();
  };
}
