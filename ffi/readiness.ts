import { type Arena, EVENTS_MAX } from "./arena.ts";
import type { Waiter } from "./libc.ts";
import { immediate } from "./immediate.ts";
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

/** A descriptor that can be waited for, and who waits. Its owner makes one and keeps it. */
export class Watched {
  readonly fd: number;
  /** Whether its owner still has it: not once it is closed, or gone to another thread or process. */
  local = true;
  /** Whether waiting for it keeps the process alive. */
  keepAlive = true;
  /** Called once when something can be received, or the direction has ended. */
  onReadable: (() => void) | undefined;
  /** Called once when something can be sent, or the direction has ended. */
  onWritable: (() => void) | undefined;
  /** Whether the poller's epoll descriptor knows it, and by which number. */
  registered = false;
  readonly id: number;
  /** Whether the poller counts it among those that keep the process alive. */
  held = false;

  static #ids = 0;

  constructor(fd: number) {
    this.fd = fd;
    // Never the descriptor's own number: that may be another's by the time an event is looked at.
    this.id = Watched.#ids = (Watched.#ids + 1) % 2 ** 32;
  }

  /** Whether anybody waits. */
  get waits(): boolean {
    return this.onReadable !== undefined || this.onWritable !== undefined;
  }
}

/**
 * The poller of a thread: one epoll descriptor for all that is waited for, itself watched by the runtime's one
 * {@linkcode Waiter}. Open only while it knows a descriptor, and waiting only while somebody waits.
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
  /** How many the epoll descriptor knows. */
  #known = 0;
  #epoll = -1;
  #waiter: Waiter | undefined;
  readonly #deferred = new Set<Watched>();

  constructor(arena: Arena) {
    this.#arena = arena;
    this.#layout = epollEventLayout(arena.libc.arch);
  }

  /** Starts waiting for what `watched` asks for now. */
  wait(watched: Watched): void {
    this.#count(watched);
    this.#deferred.delete(watched);
    this.#register(watched);
    this.#waiter!.arm(this.#held > 0);
  }

  /**
   * As {@linkcode Readiness.wait}, but asks the kernel only once this turn of the event loop is over: the other end
   * lives in this thread and will most likely be the one that wakes this one.
   */
  waitSoon(watched: Watched): void {
    this.#count(watched);
    if (this.#deferred.size === 0) immediate(this.#waitForDeferred);
    this.#deferred.add(watched);
  }

  /** Takes note that `watched` asks for less than before, or counts differently. */
  update(watched: Watched): void {
    this.#count(watched);
    if (!watched.waits) this.#deferred.delete(watched);
    this.#rearm();
  }

  /** Lets whoever waits to receive try at once: the other end, in this thread, has sent something or ended. */
  wakeReader(watched: Watched | undefined): void {
    const onReadable = watched?.onReadable;
    if (onReadable === undefined) return;
    watched!.onReadable = undefined;
    this.update(watched!);
    onReadable();
  }

  /** Lets whoever waits to send try at once: the other end, in this thread, has made room or ended. */
  wakeWriter(watched: Watched | undefined): void {
    const onWritable = watched?.onWritable;
    if (onWritable === undefined) return;
    watched!.onWritable = undefined;
    this.update(watched!);
    onWritable();
  }

  /** To be called before the descriptor is closed: a duplicate elsewhere would keep it registered for good. */
  forget(watched: Watched): void {
    watched.onReadable = undefined;
    watched.onWritable = undefined;
    this.update(watched);
    if (!watched.registered) return;
    watched.registered = false;
    this.#arena.libc.calls.epoll_ctl(this.#epoll, EPOLL_CTL_DEL, watched.fd, this.#arena.eventAddress);
    this.#known -= 1;
    if (this.#known === 0) this.#close();
  }

  #count(watched: Watched): void {
    if (watched.waits) this.#waiting.set(watched.id, watched);
    else this.#waiting.delete(watched.id);
    const held = watched.waits && watched.keepAlive;
    if (held === watched.held) return;
    watched.held = held;
    this.#held += held ? 1 : -1;
  }

  #rearm(): void {
    if (this.#waiter === undefined) return;
    if (this.#waiting.size > this.#deferred.size) this.#waiter.arm(this.#held > 0);
    else this.#waiter.disarm();
  }

  #register(watched: Watched): void {
    if (this.#waiter === undefined) this.#open();
    const { libc, event, eventAddress } = this.#arena;
    const interest = (watched.onReadable === undefined ? 0 : EPOLLIN | EPOLLRDHUP) |
      (watched.onWritable === undefined ? 0 : EPOLLOUT);
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
    if (watched.registered) return;
    watched.registered = true;
    this.#known += 1;
  }

  readonly #waitForDeferred = (): void => {
    const deferred = [...this.#deferred];
    this.#deferred.clear();
    for (const watched of deferred) {
      try {
        this.#register(watched);
      } catch {
        // Whoever waits tries its call again, and meets the same failure where it can be reported.
        this.#fire(watched, EPOLLIN | EPOLLOUT);
      }
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

  /** EPOLLHUP and EPOLLERR concern both directions; what was said of one leaves the other waiting. */
  #fire(watched: Watched, mask: number): void {
    const { onReadable, onWritable } = watched;
    const readable = (mask & ~EPOLLOUT) !== 0;
    const writable = (mask & ~(EPOLLIN | EPOLLRDHUP)) !== 0;
    if (readable) watched.onReadable = undefined;
    if (writable) watched.onWritable = undefined;
    this.#count(watched);
    if (watched.waits) this.#register(watched);
    if (readable) onReadable?.();
    if (writable) onWritable?.();
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
