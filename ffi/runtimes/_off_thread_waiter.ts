import { SocketError } from "../errors.ts";
import type { Doorbell } from "./_doorbell.ts";
import type { Libc, Waiter } from "./contract.ts";
import { EFD_CLOEXEC_NONBLOCK, POLLIN } from "../systems/linux.ts";
import { mapped } from "./_mapped.ts";

/** poll(2) as an asynchronous call of the runtime. It keeps the process alive until it returns. */
export type PollCall = (address: number, count: number, timeout: number) => Promise<number>;

const PAGE = 4096;
/** Bytes of the two pollfds. */
const POLLFDS = 16;
/** Where in the copy the bell's counter lies, in ints: aligned to 8 bytes. */
const COUNTER = 4;
/** Pages for pollfds that the next waiter may use. A page comes here when poll(2), which writes to it, has returned. */
const freePages: number[] = [];

/**
 * A waiter whose wait is a poll(2) on another thread, of two descriptors: the one that is waited for and a bell (an
 * eventfd) that ends the poll when it is no longer wanted. The poll is an asynchronous call if there is one and the wait keeps
 * the process alive, else the doorbell's.
 */
export class OffThreadWaiter implements Waiter {
  readonly #libc: Libc;
  readonly #ready: () => void;
  readonly #doorbell: Pick<Doorbell, "poll" | "hold">;
  readonly #call: PollCall | undefined;
  readonly #bell: number;
  readonly #page: number;
  /** A copy of the page's beginning: two `struct pollfd { int fd; short events; short revents; }`. */
  readonly #pollfds = new Int32Array(new ArrayBuffer(128));
  #wanted = false;
  #keepAlive = false;
  #underWay = false;
  /** Whether the poll under way, or the last one, is an asynchronous call. */
  #byCall = false;
  #done: (() => void) | undefined;

  constructor(
    libc: Libc,
    fd: number,
    ready: () => void,
    doorbell: Pick<Doorbell, "poll" | "hold">,
    call?: PollCall,
  ) {
    this.#libc = libc;
    this.#ready = ready;
    this.#doorbell = doorbell;
    this.#call = call;
    this.#page = freePages.pop() ?? mapped(libc.calls, PAGE);
    this.#bell = libc.calls.eventfd(0, EFD_CLOEXEC_NONBLOCK);
    if (this.#bell === -1) {
      const errno = libc.errno();
      freePages.push(this.#page);
      throw new SocketError("Cannot wait for the socket", errno, "eventfd");
    }
    this.#pollfds[0] = fd;
    this.#pollfds[2] = this.#bell;
  }

  arm(keepAlive: boolean): void {
    this.#wanted = true;
    this.#hold(keepAlive);
    if (!this.#underWay) this.#begin();
  }

  disarm(): void {
    this.#wanted = false;
    this.#hold(false);
  }

  close(done: () => void): void {
    this.disarm();
    this.#done = done;
    if (!this.#underWay) return this.#finish(done);
    this.#doorbell.hold(this, true);
    this.#ring();
  }

  #begin(): void {
    this.#pollfds[1] = POLLIN;
    this.#pollfds[3] = POLLIN;
    this.#libc.calls.memcpy(this.#page, this.#copy(), POLLFDS);
    this.#underWay = true;
    this.#byCall = this.#keepAlive && this.#call !== undefined;
    this.#doorbell.hold(this, this.#keepAlive && !this.#byCall);
    if (this.#byCall) void this.#call!(this.#page, 2, -1).then(this.#returned);
    else this.#doorbell.poll(this.#page, 2, this.#returned);
  }

  /** Changes whether the wait keeps the process alive. A call that does, and is no longer to, has to be ended. */
  #hold(keepAlive: boolean): void {
    if (keepAlive === this.#keepAlive) return;
    this.#keepAlive = keepAlive;
    if (!this.#byCall) this.#doorbell.hold(this, keepAlive);
    else if (!keepAlive && this.#underWay) this.#ring();
  }

  /** Ends the poll under way. */
  #ring(): void {
    this.#pollfds[COUNTER] = 1;
    this.#libc.calls.write(this.#bell, this.#copy() + COUNTER * 4, 8);
  }

  #copy(): number {
    return this.#libc.lend(new Uint8Array(this.#pollfds.buffer));
  }

  readonly #returned = (): void => {
    this.#underWay = false;
    const done = this.#done;
    if (done !== undefined) return this.#finish(done);
    this.#libc.calls.memcpy(this.#copy(), this.#page, POLLFDS);
    // The upper half of events|revents is what poll has found.
    const rang = this.#pollfds[3]! >>> 16 !== 0;
    if (rang) this.#libc.calls.read(this.#bell, this.#copy() + COUNTER * 4, 8);
    if (!this.#wanted) return;
    // With neither the poll has failed, and may fail again for ever: so `ready` is called, and looks for itself.
    if (rang && this.#pollfds[1]! >>> 16 === 0) return this.#begin();
    this.#wanted = false;
    this.#ready();
    if (!this.#wanted) this.disarm();
  };

  #finish(done: () => void): void {
    this.#doorbell.hold(this, false);
    this.#libc.calls.close(this.#bell);
    freePages.push(this.#page);
    done();
  }
}
