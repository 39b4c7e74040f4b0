import type { Arena } from "../arena.ts";
import { isSpent } from "../budget.ts";
import { later } from "../host.ts";
import type { DescriptorUser } from "../owned_descriptor.ts";
import * as syscalls from "../syscalls.ts";
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP } from "../systems/linux.ts";
import { defer, type Deferred, isCrowded } from "./_deferred.ts";
import { BusyPoll } from "./busy_poll.ts";
import { type Attempt, Direction } from "./direction.ts";
import { type Pollable, type Poller, poller, Registration } from "./poller.ts";

/** What one descriptor waits for: to receive, to send, and until its peer is gone. */
export class Watch implements Pollable, Deferred, DescriptorUser {
  readonly fd: number;
  /** The other end's watch while both ends are in this thread. Then spinning cannot help: the peer needs this thread to run. */
  #peer: Watch | undefined;
  readonly #arena: Arena;
  readonly #poller: Poller;
  readonly #registration: Registration = new Registration(this);
  readonly #readable = new Direction();
  readonly #writable = new Direction();
  readonly #busyPoll: BusyPoll;
  /** Called when the peer has closed its last descriptor. */
  #gone: (() => void) | undefined;
  #keepAlive = true;
  /** As long as {@linkcode Watch.rest} lasts. */
  #timer: ReturnType<typeof later> | undefined;

  /**
   * @param fd The descriptor, which stays its owner's
   * @param busyPoll Milliseconds for which a receipt is tried again before the thread parks
   */
  constructor(arena: Arena, fd: number, busyPoll: number) {
    this.fd = fd;
    this.#arena = arena;
    this.#poller = poller(arena);
    this.#busyPoll = new BusyPoll(busyPoll);
  }

  /** Pairs the two ends of a pair that was made in this thread, until one of them leaves it. */
  static pair(left: Watch, right: Watch): void {
    left.#peer = right;
    right.#peer = left;
  }

  /** Lets another thread run that waits for this processor, which may be the peer's. */
  readonly #giveWay = (): void => syscalls.giveWay(this.#arena);

  /** Tries to receive a few times more, if that has paid lately. */
  spinNow(attempt: () => boolean): boolean {
    if (this.#peer !== undefined || isCrowded() || isSpent()) return false;
    return this.#busyPoll.spinNow(attempt, this.#giveWay);
  }

  /** Calls `attempt` when something can be received or EOF has come, until it returns true. */
  waitReadable(attempt: Attempt): void {
    if (this.#readable.state !== "idle") return;
    this.#busyPoll.begin(!isCrowded());
    this.#begin(this.#readable, attempt);
  }

  /** Calls `attempt` when there is room to send or the direction has ended, until it returns true. */
  waitWritable(attempt: Attempt): void {
    if (this.#writable.state === "idle") this.#begin(this.#writable, attempt);
  }

  /** Takes {@linkcode Watch.waitReadable} back. */
  cancelReadable(): void {
    this.#cancel(this.#readable);
  }

  /** Takes {@linkcode Watch.waitWritable} back. */
  cancelWritable(): void {
    this.#cancel(this.#writable);
  }

  /** Whether {@linkcode Watch.rest} lasts: then no call is made. */
  get resting(): boolean {
    return this.#timer !== undefined;
  }

  /** Leaves a wait to receive to the clock: the kernel would tell at once of what cannot be had now. */
  rest(milliseconds: number): void {
    this.#timer = later(milliseconds, () => {
      this.#timer = undefined;
      this.#receive();
      this.#ask();
    });
    if (!this.#keepAlive) this.#timer.unref?.();
  }

  /** Calls back once when the peer has closed its last descriptor. That never keeps the process alive. */
  waitGone(callback: () => void): void {
    this.#gone = callback;
    this.#lookGone();
  }

  /** What can be known at once needs no event loop, which may end before it tells. */
  #lookGone(): void {
    if (this.#gone === undefined) return;
    try {
      if ((syscalls.poll(this.#arena, this.fd, 0) & EPOLLHUP) !== 0) this.#tellGone();
    } catch {
      // No memory for it: the poller may have some.
    }
    this.#ask();
  }

  #tellGone(): void {
    const gone = this.#gone;
    this.#gone = undefined;
    gone?.();
  }

  /** Sets whether a wait to receive or to send keeps the process alive. */
  keepAlive(alive: boolean): void {
    this.#keepAlive = alive;
    if (alive) this.#timer?.ref?.();
    else this.#timer?.unref?.();
    if (this.#readable.state === "waiting" || this.#writable.state === "waiting") this.#ask();
  }

  /** Ends every wait, before the descriptor is closed or given up. */
  forget(): void {
    this.#readable.end();
    this.#writable.end();
    this.#gone = undefined;
    this.#timer?.unref?.();
    const peer = this.#peer;
    this.#peer = undefined;
    if (peer !== undefined) {
      peer.#peer = undefined;
      // The descriptor is closed or given up by then.
      if (peer.#gone !== undefined) void Promise.resolve().then(() => peer.#lookGone());
    }
    this.#poller.forget(this.#registration);
  }

  /** A turn of the event loop is over: what waits tries its call, and is left to the kernel unless it spins. */
  turn(gaveWay: boolean): boolean {
    let gave = gaveWay;
    if (this.#readable.state === "spinning") {
      const spins = this.#busyPoll.shouldSpin();
      if (spins && !gave && this.#peer === undefined) {
        this.#giveWay();
        gave = true;
      }
      // Also when the spin is over: a try is cheap, and the first wait in the kernel may start a thread.
      this.#receive();
      if (!spins && !isSpent()) this.#readable.park();
    }
    if (this.#writable.state === "spinning" && !this.#writable.try() && !isSpent()) this.#writable.park();
    // A peer in this thread may need timers and other events to answer.
    if (this.#readable.state === "spinning" || this.#writable.state === "spinning") {
      defer(this, this.#peer !== undefined);
    }
    this.#ask();
    return gave;
  }

  /** EPOLLHUP and EPOLLERR concern both directions. */
  ready(events: number): void {
    if ((events & EPOLLHUP) !== 0) this.#tellGone();
    if (!isSpent() && (events & ~EPOLLOUT) !== 0) this.#receive();
    if (!isSpent() && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) !== 0) this.#writable.try();
    if (isSpent()) {
      this.#readable.spin();
      this.#writable.spin();
      defer(this);
    }
    this.#ask();
  }

  #begin(direction: Direction, attempt: Attempt): void {
    direction.begin(attempt);
    defer(this);
  }

  #receive(): void {
    if (!this.resting && this.#readable.try()) this.#busyPoll.succeeded();
  }

  #cancel(direction: Direction): void {
    const { state } = direction;
    direction.end();
    if (state === "waiting") this.#ask();
  }

  /** Asks the kernel about the waits that have parked. If that fails, their calls are told why. */
  #ask(): void {
    const readable = this.#readable.state === "waiting" && !this.resting;
    const writable = this.#writable.state === "waiting";
    if (!readable && !writable && this.#gone === undefined) return this.#poller.rest(this.#registration);
    const events = (readable ? EPOLLIN | EPOLLRDHUP : 0) | (writable ? EPOLLOUT : 0);
    try {
      this.#poller.ask(this.#registration, events, (readable || writable) && this.#keepAlive);
    } catch (reason) {
      // Try once more first: data may have arrived, and then no wait is needed.
      if (readable && !this.#readable.try()) this.#readable.try({ reason });
      if (writable && !this.#writable.try()) this.#writable.try({ reason });
    }
  }
}
