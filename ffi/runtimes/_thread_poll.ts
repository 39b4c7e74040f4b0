import type { Doorbell } from "./_doorbell.ts";
import type { OffThreadPoll } from "./_off_thread_waiter.ts";

/** poll(2) as a call of the runtime's own that does not block the JS thread. While it runs, it keeps the process alive. */
export type PollCall = (address: number, count: number, timeout: number) => Promise<number>;

/** Polls for one waiter on the thread of the doorbell, or by a call where the runtime has one and the process is to live. */
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
