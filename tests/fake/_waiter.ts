import type { Waiter } from "../../ffi/runtimes/contract.ts";

/** What a fake waiter needs of its libc. */
export interface WaiterHost {
  /** Whether the descriptor is readable now. */
  readable(fd: number): boolean;
  /** Takes note of a breach of contract. */
  breach(what: string): void;
}

/**
 * A waiter without a thread: it calls `ready` in a later turn of the event loop than the one in which the descriptor
 * has become readable.
 */
export class FakeWaiter implements Waiter {
  readonly fd: number;
  /** What it was told, in order: `arm(true)`, `arm(false)`, `disarm()`, `close()`. */
  readonly told: string[] = [];
  /** Whether it looks at the descriptor no more. */
  closed = false;
  readonly #host: WaiterHost;
  readonly #ready: () => void;
  readonly #later: (callback: () => void) => void;
  #wanted = false;
  #keepAlive = false;
  #scheduled = false;
  #closing = false;

  constructor(host: WaiterHost, fd: number, ready: () => void, later: (callback: () => void) => void) {
    this.#host = host;
    this.fd = fd;
    this.#ready = ready;
    this.#later = later;
  }

  /** Whether it waits. */
  get waits(): boolean {
    return this.#wanted;
  }

  /** Whether it would keep the process open. */
  get holds(): boolean {
    return this.#wanted && this.#keepAlive;
  }

  arm(keepAlive: boolean): void {
    this.#tell(`arm(${keepAlive})`);
    this.#wanted = true;
    this.#keepAlive = keepAlive;
    this.poke();
  }

  disarm(): void {
    this.#tell("disarm()");
    this.#wanted = false;
  }

  close(done: () => void): void {
    this.#tell("close()");
    this.#wanted = false;
    this.#closing = true;
    this.#later(() => {
      this.closed = true;
      done();
    });
  }

  /** Looks whether the descriptor is readable, and if so calls back in a turn of its own. */
  poke(): void {
    if (!this.#wanted || this.#scheduled || !this.#host.readable(this.fd)) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.fire();
    });
  }

  /** Calls `ready`, if it waits: with reason or without. */
  fire(): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    try {
      this.#ready();
    } catch (error) {
      // In the runtimes this ends the process.
      this.#host.breach(`ready() threw: ${String(error)}`);
    }
  }

  #tell(what: string): void {
    if (this.#closing) this.#host.breach(`${what} on a waiter that is closed`);
    this.told.push(what);
  }
}
