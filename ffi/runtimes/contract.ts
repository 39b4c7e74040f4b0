/**
 * The runtime seam: the C library as this module needs it, what else it takes of its host, and what an adapter is.
 *
 * The contract of an adapter:
 *
 * - Numbers in, numbers out. An address is a number; bigint, pointer objects and the runtime's descriptor keys never
 *   leave the adapter.
 * - Every call but {@linkcode Waiter} runs on the JS thread and returns what C returned. A failed one returns -1, and
 *   {@linkcode Libc.errno} is its reason until the next call fails: the adapter keeps it before any other code runs.
 * - A result has 32 bits, unless it is an address: no call on Linux moves as much as 2 GiB.
 * - What the kernel reads and writes during a call lies in {@linkcode Libc.allocate}d memory, which lasts as long as the
 *   thread. What the kernel may write while no JS runs comes from {@linkcode Calls.mmap}, and only memcpy reads and writes it:
 *   a thread that is terminated frees its heap while the kernel goes on.
 * - {@linkcode Libc.lend} gives the address of a caller's bytes. It is valid for the synchronous call that follows, also if
 *   that call is made again at once.
 * - Nothing is touched before it is needed: to import an adapter costs nothing, on its own runtime or on another.
 *
 * Imports go one way: `libc.ts`, the adapters, this file.
 *
 * @module
 */

import type { Calls } from "../symbols.ts";

export type { Calls };

/** Memory with its address. */
export interface Block {
  readonly address: number;
  readonly buffer: ArrayBuffer;
}

/** The C library, as an adapter provides it. */
export interface Libc {
  /** The processor, as `process.arch` names it: some struct layouts depend on it. */
  readonly arch: string;
  /** The C functions. Those that few programs need are looked up at their first use. */
  readonly calls: Calls;
  /** `errno` of the last failed call of this thread. */
  errno(): number;
  /** Memory for calls on this thread, zeroed and never freed. Only what is touched costs anything. */
  allocate(size: number): Block;
  /** The address of a view's first byte. Not for a view of less than 64 bytes: the collector may move those. */
  lend(bytes: Uint8Array): number;
  /**
   * Makes what waits for one descriptor without blocking this thread.
   *
   * @throws {SocketError} EMFILE, ENFILE or ENOMEM
   */
  createWaiter(fd: number, ready: () => void): Waiter;
}

/** Waits, off the JS thread or in the runtime's own loop, until a descriptor turns readable. */
export interface Waiter {
  /**
   * Asks for one call of `ready` when the descriptor is readable. `keepAlive` says whether that keeps the process alive. If it
   * is called again, the last call counts. `ready` may also be called although nothing is readable.
   */
  arm(keepAlive: boolean): void;
  /** Takes the request back. It no longer keeps the process alive. */
  disarm(): void;
  /** Calls `done` once nothing uses the descriptor any more, at once or later. `ready` is not called again. */
  close(done: () => void): void;
}

/** A call that is still to come. Timers of a library for tests may have no such methods. */
export interface Timer {
  ref?(): unknown;
  unref?(): unknown;
}

/**
 * What the module takes of its host that is not C. Read once at import, so that fake timers installed later (and most
 * installed earlier) do not affect us.
 */
export interface Host {
  /** Calls back once this turn of the event loop is over. The pending call keeps the process alive. */
  immediate(callback: () => void): void;
  /**
   * Calls back once the event loop has turned and looked at everything, the runtime's own sockets too, which some runtimes look at
   * in a few of the turns only. The pending call keeps the process alive.
   */
  turn(callback: () => void): void;
  /**
   * Calls back once the JavaScript of this turn is over, at first by what costs nothing to load. Many of these may come before
   * timers and other events: not for what goes on by itself. The pending call keeps the process alive.
   */
  soon(callback: () => void): void;
  /** Calls back after some milliseconds. The pending call keeps the process alive, unless `unref()` says otherwise. */
  later(milliseconds: number, callback: () => void): Timer;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /**
   * Bytes in a buffer of their own, zeroed or not: zeroing is most of the cost of 64 KiB. The caller overwrites all of them, or
   * does not hand out the rest.
   */
  uninitialized(size: number): Uint8Array<ArrayBuffer>;
  /** Whether the runtime zeroes buffers anyway. If so a large buffer is expensive: fill it before handing it out. */
  readonly zeroes: boolean;
}

/** What an adapter in `runtimes/` exports. */
export interface Runtime {
  /** What the module takes of its host. Called once, when the module is loaded. */
  host(): Host;
  /** The operating system, as `process.platform` names it, or `undefined` where no C function can be called. */
  platform(): string | undefined;
  /** This process's id as the runtime knows it. */
  pid(): number;
  /** An environment variable, or `undefined` where it may not be read: the user is never prompted for a permission. */
  env(name: string): string | undefined;
  /** Sets an environment variable, or removes it. No effect where that is not permitted: the user is never prompted. */
  setEnv(name: string, value: string | undefined): void;
  /** Paths of the C library that this runtime is linked with, where its name may not be enough. */
  paths(): readonly string[];
  /** Whether opening a library of this name needs no further permission. */
  permits(path: string): boolean;
  /** What to say to a user whose permissions allow none of these files, nor their names. */
  permissionHint(files: readonly string[]): string;
  /** Opens the C library, or throws the runtime's own error. */
  open(path: string): Libc;
}
