/**
 * The runtime seam: libc's verbs as this module needs them, what it takes of its host beside, and what an adapter is.
 *
 * The contract of an adapter:
 *
 * - Numbers in, numbers out. An address is a number; bigint, pointer objects and the runtime's descriptor keys never
 *   leave the adapter.
 * - Every call but {@linkcode Waiter} runs on the JS thread and returns what C returned. A failed one returns -1, and
 *   {@linkcode Libc.errno} is its reason until the next call fails: the adapter keeps it before any other code runs.
 * - A result has 32 bits, an address excepted: no call on Linux moves as much as 2 GiB.
 * - What the kernel reads and writes during a call lies in {@linkcode Libc.allocate}d memory, which lasts as long as the
 *   thread. What it may write while no JS runs comes from {@linkcode Calls.mmap}, and is reached by memcpy alone: a thread
 *   that is terminated frees its heap while the kernel goes on.
 * - {@linkcode Libc.lend} gives the address of a caller's bytes, good for the one synchronous call that follows, and
 *   for the same call made again at once.
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
  /** The calls. Those that few programs need are looked up at their first use. */
  readonly calls: Calls;
  /** Why the last call of this thread failed that did. */
  errno(): number;
  /** Memory for calls on this thread, zeroed and never freed. Only what is touched costs anything. */
  allocate(size: number): Block;
  /** The address of a view's first byte. Not for an empty view, nor for one under 64 bytes: the collector may move those. */
  lend(bytes: Uint8Array): number;
  /**
   * Makes the thing that waits for one descriptor without blocking this thread.
   *
   * @throws {SocketError} EMFILE, ENFILE or ENOMEM
   */
  createWaiter(fd: number, ready: () => void): Waiter;
}

/** Waits, off the JS thread or in the runtime's own loop, until a descriptor turns readable. */
export interface Waiter {
  /**
   * Asks for one call of `ready` when the descriptor is readable. `keepAlive` says whether that holds the process
   * open; asked for again, the last word counts. `ready` may also be called for nothing.
   */
  arm(keepAlive: boolean): void;
  /** Takes the request back: nothing holds the process open any more. */
  disarm(): void;
  /** Calls `done` as soon as nothing looks at the descriptor any more, perhaps later; `ready` is not called again. */
  close(done: () => void): void;
}

/**
 * What the module takes of its host that is not C. Taken once: tests put fakes in place of the global functions, before
 * the module is imported or after, and these stay the host's own as far as it lets them be found.
 */
export interface Host {
  /** Calls back once this turn of the event loop is over. The pending call keeps the process alive. */
  immediate(callback: () => void): void;
  /** Calls back after some milliseconds. The pending call keeps the process alive. */
  later(milliseconds: number, callback: () => void): void;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /**
   * Bytes in a buffer of their own that need not be zeroed, which for 64 KiB is most of the cost. The caller overwrites all
   * of them, or does not show the rest.
   */
  uninitialized(size: number): Uint8Array<ArrayBuffer>;
  /** Whether they are zeroed all the same: then a large buffer is dear, and better filled than handed out half empty. */
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
  /** Where the C library may lie that this runtime is linked with, if its name may not be enough. */
  paths(): readonly string[];
  /** Whether opening a library of this name needs no further permission. */
  permits(path: string): boolean;
  /** What to say to a user whose permissions allow none of these files, nor their names. */
  permissionHint(files: readonly string[]): string;
  /** Opens the C library, or throws the runtime's own error. */
  open(path: string): Libc;
}
