import type { Arena } from "../arena.ts";
import { turned } from "../budget.ts";
import type { Waiter } from "../libc.ts";
import * as syscalls from "../syscalls.ts";

/** Something that the poller can be asked about. Its owner makes one per descriptor and keeps it. */
export interface Pollable {
  readonly fd: number;
  /** Called with the events that the kernel has told. */
  ready(events: number): void;
}

/** What the poller keeps of one descriptor. */
export class Registration {
  readonly target: Pollable;
  /** Names the descriptor to the kernel: never its number, which may be another's by the time of an event. */
  readonly id: number;
  /** Whether the epoll descriptor knows it. */
  known = false;

  static #ids = 0;

  constructor(target: Pollable) {
    this.target = target;
    this.id = Registration.#ids = (Registration.#ids + 1) % 2 ** 32;
  }
}

/**
 * The poller of a thread: one epoll descriptor for all waits, which one {@linkcode Waiter} of the runtime watches. It is a
 * mechanism: `watch.ts` decides what to wait for. The epoll descriptor is open from the first wait until the last descriptor
 * that it knows is forgotten.
 *
 * @see {@link https://man7.org/linux/man-pages/man7/epoll.7.html | epoll(7)}
 */
export class Poller {
  readonly #arena: Arena;
  /** Those that the kernel is asked about. Only these are referred to: any other end can be collected. */
  readonly #asked = new Map<number, Registration>();
  /** Those of them that keep the process alive. */
  readonly #holding = new Set<number>();
  #known = 0;
  #epoll = -1;
  #waiter: Waiter | undefined;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /**
   * Asks the kernel to tell once of any of these events. Asked again, the last word counts.
   *
   * @param keepAlive Whether that keeps the process alive
   * @throws {SocketError} ENOMEM, ENOSPC, EMFILE or ENFILE
   */
  ask(registration: Registration, events: number, keepAlive: boolean): void {
    try {
      if (this.#waiter === undefined) this.#open();
      const { fd } = registration.target;
      syscalls.epollControl(this.#arena, this.#epoll, registration.known, fd, events, registration.id);
    } catch (error) {
      if (this.#known === 0) this.#close();
      throw error;
    }
    if (!registration.known) this.#known += 1;
    registration.known = true;
    this.#asked.set(registration.id, registration);
    if (keepAlive) this.#holding.add(registration.id);
    else this.#holding.delete(registration.id);
    this.#rearm();
  }

  /** Takes the question back. An event that the kernel still tells is ignored. */
  rest(registration: Registration): void {
    if (this.#take(registration.id) !== undefined) this.#rearm();
  }

  /** Must be called before the descriptor is closed or given up: a duplicate elsewhere would keep it registered for ever. */
  forget(registration: Registration): void {
    this.rest(registration);
    if (!registration.known) return;
    registration.known = false;
    syscalls.epollRemove(this.#arena, this.#epoll, registration.target.fd);
    this.#known -= 1;
    if (this.#known === 0) this.#close();
  }

  /** Removes one of those that the kernel is asked about. */
  #take(id: number): Registration | undefined {
    const registration = this.#asked.get(id);
    this.#asked.delete(id);
    this.#holding.delete(id);
    return registration;
  }

  #rearm(): void {
    if (this.#asked.size > 0) this.#waiter?.arm(this.#holding.size > 0);
    else this.#waiter?.disarm();
  }

  /** Takes out all events before it calls anything: a call may ask for more, or close what would be called next. */
  readonly #drain = (): void => {
    turned();
    const fired: [Registration, number][] = [];
    syscalls.epollWait(this.#arena, this.#epoll, (id, events) => {
      const registration = this.#take(id);
      if (registration !== undefined) fired.push([registration, events]);
    });
    for (const [registration, events] of fired) {
      if (registration.known) registration.target.ready(events);
    }
    this.#rearm();
  };

  #open(): void {
    this.#epoll = syscalls.epollCreate(this.#arena);
    try {
      this.#waiter = this.#arena.libc.createWaiter(this.#epoll, this.#drain);
    } catch (error) {
      syscalls.close(this.#arena, this.#epoll);
      throw error;
    }
  }

  #close(): void {
    const epoll = this.#epoll;
    this.#waiter?.close(() => syscalls.close(this.#arena, epoll));
    this.#waiter = undefined;
    this.#epoll = -1;
  }
}

let current: [Arena, Poller] | undefined;

/** The poller of this thread. */
export function poller(arena: Arena): Poller {
  if (current?.[0] !== arena) current = [arena, new Poller(arena)];
  return current[1];
}
