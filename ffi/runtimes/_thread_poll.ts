import type { Doorbell } from "./_doorbell.ts";
import type { OffThreadPoll } from "./_off_thread_waiter.ts";

/** poll(2) as an asynchronous call of the runtime. It keeps the process alive until it returns. */
export type PollCall = (address: number, count: number, timeout: number) => Promise<number>;

/** Polls for one waiter: by an asynchronous call if there is one and the wait keeps the process alive, else by the doorbell. */
export class ThreadPoll implements OffThreadPoll {
  readonly #doorbell: Doorbell;
  readonly #call: PollCall | undefined;
  #byCall = false;

  constructor(doorbell: Doorbell, call?: PollCall) {
    this.#doorbell = doorbell;
    this.#call = call;
  }

  poll(address: number, count: number, keepAlive: boolean, returned: () => void): void {
    this.#byCall = keepAlive && this.#call !== undefined;
    this.#doorbell.hold(this, keepAlive && !this.#byCall);
    if (this.#byCall) void this.#call!(address, count, -1).then(returned);
    else this.#doorbell.poll(address, count, returned);
  }

  linger(on: boolean): void {
    this.#doorbell.hold(this, on);
  }

  hold(keepAlive: boolean): boolean {
    if (this.#byCall) return keepAlive;
    this.#doorbell.hold(this, keepAlive);
    return true;
  }
}
