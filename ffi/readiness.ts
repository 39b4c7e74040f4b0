import { type Arena, EVENTS_MAX } from "./arena.ts";
import type { Waiter } from "./libc.ts";
import { immediate } from "./immediate.ts";
import type { Interest, Watched } from "./watched.ts";
import { checked, close } from "./syscalls.ts";
import {
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  epollEventLayout,
  EPOLLIN,
  EPOLLONESHOT,
  EPOLLOUT,
  EPOLLRDHUP,
} from "./systems/linux.ts";

/**
 * The poller of a thread: one epoll descriptor for all that is waited for, itself watched by the runtime's one
 * {@linkcode Waiter}. Open only from a first wait until that descriptor is closed, and waiting only while somebody waits.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/epoll.7.html | epoll(7)}
 */
export class Readiness {
  readonly #arena: Arena;
  readonly #layout: { size: number; data: number };
  /** Only those that are waited for: an end that nobody reads can be collected. */
  readonly #waiting = new Map<number, Watched>();
  /** How many of those keep the process alive. */
  #held = 0;
  /** How many have waited and are not forgotten. */
  #known = 0;
  #epoll = -1;
  #waiter: Waiter | undefined;
  /** Those that wait and have not been told to the kernel, until the event loop has turned. */
  #deferred: Watched[] = [];

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#layout = epollEventLayout(arena.libc.arch);
  }

  /**
   * Starts waiting for what `watched` asks for now. The kernel is asked once this turn of the event loop is over: until then
   * the other end may have been served in this same thread, and after it the call is tried again while that pays.
   *
   * Where the other end is in this thread, which says itself when it has done something, it is tried again once: a call may
   * fail with EAGAIN for reasons of the kernel's own, and then nobody would say anything.
   */
  wait(watched: Watched): void {
    const once = watched.peer?.local === true;
    if (watched.readable.callback !== undefined && !watched.idle) watched.readable.patience.begin(once);
    if (watched.writable.callback !== undefined) watched.writable.patience.begin(once);
    if (watched.deferred) return;
    watched.deferred = true;
    this.#deferred.push(watched);
    if (this.#deferred.length === 1) immediate(this.#turn);
  }

  /** Lets another thread run that waits for this processor: the peer, perhaps. */
  readonly giveWay = (): void => void this.#arena.libc.calls.sched_yield();

  /** Takes note that `watched` asks for less than before, or counts differently. */
  update(watched: Watched): void {
    if (!watched.parked) return;
    this.#park(watched, watched.waits);
    this.#rearm();
  }

  /** Lets whoever waits try at once: the other end, in this thread, has sent something, made room or ended. */
  wake(watched: Watched, interest: Interest): void {
    if (interest.callback === undefined) return;
    interest.patience.forget();
    interest.try();
    this.update(watched);
  }

  /** To be called before the descriptor is closed: a duplicate elsewhere would keep it registered for good. */
  forget(watched: Watched): void {
    watched.readable.callback = undefined;
    watched.writable.callback = undefined;
    this.update(watched);
    if (watched.registered) {
      watched.registered = false;
      this.#arena.libc.calls.epoll_ctl(this.#epoll, EPOLL_CTL_DEL, watched.fd, this.#arena.eventAddress);
    }
    if (!watched.known) return;
    watched.known = false;
    this.#known -= 1;
    if (this.#known === 0) this.#close();
  }

  /** Tells the kernel of a wait that was this thread's own business, now that `watched` is no longer alone. */
  unveil(watched: Watched): void {
    if (!watched.parked || watched.registered) return;
    this.#register(watched);
    this.#rearm();
  }

  #park(watched: Watched, parked: boolean): void {
    if (parked !== watched.parked) {
      watched.parked = parked;
      if (parked) this.#waiting.set(watched.id, watched);
      else this.#waiting.delete(watched.id);
    }
    const held = parked && watched.keepAlive;
    if (held === watched.held) return;
    watched.held = held;
    this.#held += held ? 1 : -1;
  }

  #rearm(): void {
    if (this.#waiter === undefined) return;
    if (this.#waiting.size > 0) this.#waiter.arm(this.#held > 0);
    else this.#waiter.disarm();
  }

  /** Tells the kernel what is waited for, or those who wait that it cannot be told. */
  #register(watched: Watched): void {
    try {
      if (this.#waiter === undefined) this.#open();
      if (!watched.alone) this.#control(watched);
      if (!watched.known) this.#known += 1;
      watched.known = true;
    } catch (reason) {
      if (this.#known === 0) this.#close();
      watched.readable.try({ reason });
      watched.writable.try({ reason });
    }
    this.#park(watched, watched.waits && !watched.deferred);
  }

  #control(watched: Watched): void {
    const { libc, event, eventAddress } = this.#arena;
    const interest = (watched.readable.callback === undefined ? 0 : EPOLLIN | EPOLLRDHUP) |
      (watched.writable.callback === undefined ? 0 : EPOLLOUT);
    event.setUint32(0, interest | EPOLLONESHOT, true);
    event.setUint32(this.#layout.data, watched.id, true);
    event.setUint32(this.#layout.data + 4, 0, true);
    const operation = watched.registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    checked(
      this.#arena,
      "Cannot wait for the socket",
      "epoll_ctl",
      () => libc.calls.epoll_ctl(this.#epoll, operation, watched.fd, eventAddress),
    );
    watched.registered = true;
  }

  readonly #turn = (): void => {
    const deferred = this.#deferred;
    this.#deferred = [];
    let gaveWay = false;
    for (const watched of deferred) {
      watched.deferred = false;
      // Served in the meantime, or closed by whoever was called for another.
      if (!watched.waits) continue;
      if (watched.readable.patience.lasts || watched.writable.patience.lasts) {
        if (!gaveWay) this.giveWay();
        gaveWay = true;
        this.#fire(watched, EPOLLIN | EPOLLOUT);
      } else this.#register(watched);
    }
    this.#rearm();
  };

  /** Takes every event out before anybody is called: those may ask for more. */
  readonly #drain = (): void => {
    const { libc, events, eventsAddress } = this.#arena;
    const count = libc.calls.epoll_wait(this.#epoll, eventsAddress, EVENTS_MAX, 0);
    const fired: [Watched, number][] = [];
    for (let index = 0; index < count; index += 1) {
      const offset = index * this.#layout.size;
      const watched = this.#waiting.get(events.getUint32(offset + this.#layout.data, true));
      if (watched !== undefined) fired.push([watched, events.getUint32(offset, true)]);
    }
    for (const [watched, mask] of fired) this.#fire(watched, mask);
    this.#rearm();
  };

  /** EPOLLHUP and EPOLLERR concern both directions. Whoever finds nothing waits again; the other is left waiting. */
  #fire(watched: Watched, mask: number): void {
    const { readable, writable } = watched;
    watched.arrivals = -1;
    if ((mask & EPOLLRDHUP) !== 0) watched.hungUp = true;
    if ((mask & ~EPOLLOUT) !== 0) this.#try(readable);
    if ((mask & ~(EPOLLIN | EPOLLRDHUP)) !== 0) this.#try(writable);
    // Whoever waits again does so from the end of this turn on; whoever was not called has to be told of anew.
    if (watched.waits && !watched.deferred) this.#register(watched);
    else this.#park(watched, false);
  }

  #try(interest: Interest): void {
    if (interest.callback === undefined) return;
    interest.try();
    if (interest.callback === undefined) interest.patience.end();
  }

  #open(): void {
    const { calls } = this.#arena.libc;
    this.#epoll = checked(
      this.#arena,
      "Cannot wait for the socket",
      "epoll_create1",
      () => calls.epoll_create1(EPOLL_CLOEXEC),
    );
    try {
      this.#waiter = this.#arena.libc.createWaiter(this.#epoll, this.#drain);
    } catch (error) {
      close(this.#arena, this.#epoll);
      throw error;
    }
  }

  #close(): void {
    const epoll = this.#epoll;
    this.#waiter?.close(() => close(this.#arena, epoll));
    this.#waiter = undefined;
    this.#epoll = -1;
  }
}

let current: [Arena, Readiness] | undefined;

/** The poller of this thread. */
export function readiness(arena: Arena): Readiness {
  if (current?.[0] !== arena) current = [arena, new Readiness(arena)];
  return current[1];
}
