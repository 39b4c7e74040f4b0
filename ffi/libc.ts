/**
 * The runtime seam: libc's verbs as this module needs them, and the choice of the adapter that provides them.
 *
 * The contract of an adapter:
 *
 * - Numbers in, numbers out. An address is a number; bigint, pointer objects and the runtime's descriptor keys never
 *   leave the adapter.
 * - Every call but {@linkcode Waiter} runs on the JS thread and returns what C returned. A failed one returns -1, and
 *   {@linkcode Libc.errno} is its reason if it is read before anything else is done.
 * - What the kernel reads and writes during a call lies in {@linkcode Libc.allocate}d memory, which lasts as long as the
 *   thread. What it may write while no JS runs comes from {@linkcode Calls.mmap}, and is reached by memcpy alone: a thread
 *   that is terminated frees its heap while the kernel goes on.
 * - {@linkcode Libc.lend} gives the address of a caller's bytes, good for the one synchronous call that follows.
 *
 * @module
 */

import type { Calls, ManyCall, MessageCall } from "./symbols.ts";
import { LIBC_NAMES } from "./systems/linux.ts";
import { bun } from "./runtimes/bun.ts";
import { deno } from "./runtimes/deno.ts";
import { node } from "./runtimes/node.ts";

/** What a runtime adapter provides. */
export interface Libc {
  /** The processor, as `process.arch` names it: some struct layouts depend on it. */
  readonly arch: string;
  /** Every call that is not hot. */
  readonly calls: Calls;
  /** Binds `recvmsg` to the `struct msghdr` at an address. */
  bindRecvmsg(header: number): MessageCall;
  /** Binds `sendmsg` to the `struct msghdr` at an address. */
  bindSendmsg(header: number): MessageCall;
  /** Binds `recvmmsg` to the array of `struct mmsghdr` at an address. */
  bindReceiveMany(headers: number): ManyCall;
  /** Binds `sendmmsg` to the array of `struct mmsghdr` at an address. */
  bindSendMany(headers: number): ManyCall;
  /** `errno` of this thread, as the last failed call left it. */
  errno(): number;
  /** Memory for calls on this thread, zeroed and never freed. Only what is touched costs anything. */
  allocate(size: number): Block;
  /** The address of a view's first byte. Not for an empty view, nor for one under 64 bytes: the collector may move those. */
  lend(bytes: Uint8Array): number;
  /** Makes the thing that waits for one descriptor without blocking this thread. */
  createWaiter(fd: number, ready: () => void): Waiter;
}

/** Memory with its address. */
export interface Block {
  readonly address: number;
  readonly buffer: ArrayBuffer;
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

/** What an adapter in `runtimes/` exports. */
export interface Runtime {
  /** This process's id as the runtime knows it. */
  readonly pid: () => number;
  /** An environment variable, or `undefined` where it may not be read: nothing is ever prompted for. */
  readonly env: (name: string) => string | undefined;
  /** Where the C library may lie that this runtime is linked with, if its name may not be enough. */
  readonly paths: () => readonly string[];
  /** Whether opening a library of this name needs no further permission. */
  readonly permits: (path: string) => boolean;
  /** What to say to a user whose permissions allow no library at all. */
  readonly permissionHint: string;
  /** Opens the C library, or throws the runtime's own error. */
  readonly open: (path: string) => Libc;
}

let current: Libc | undefined;
let chosenPath: string | undefined;

/** The adapter of this thread, opened at the first call. */
export function libc(): Libc {
  return current ??= open();
}

/**
 * Names the C library to open, for systems that keep it elsewhere and for Deno's `--allow-ffi=<path>`.
 *
 * The environment variable `SOCKETPAIR_LIBC` says the same from outside. Without either, the usual names and paths are
 * tried in turn, and in Deno only those that the permissions allow: nothing is ever prompted for.
 *
 * It has to be the one that the runtime itself is linked with: another one (musl's in a process of glibc's) corrupts the
 * process's memory.
 *
 * @param path An absolute path, or a bare name that the dynamic linker finds
 * @throws {Error} If this thread has opened the C library already
 */
export function useLibc(path: string): void {
  if (current !== undefined) throw new Error("Cannot choose the C library: this thread has opened one already");
  chosenPath = path;
}

/** Puts another implementation in place, or with `undefined` the runtime's own. For tests only. */
export function replaceLibc(replacement: Libc | undefined): void {
  current = replacement;
}

/** An environment variable, or `undefined` where it may not be read. */
export function environment(name: string): string | undefined {
  return detect().env(name);
}

function detect(): Runtime {
  const { Deno, Bun, process } = globalThis as unknown as {
    Deno?: unknown;
    Bun?: unknown;
    process?: { platform: string; getBuiltinModule?: (id: string) => unknown };
  };
  const runtime = Deno !== undefined ? deno : Bun !== undefined ? bun : node;
  if (process === undefined || (runtime === node && process.getBuiltinModule?.("node:ffi") === undefined)) {
    throw new Error(
      "Cannot call the C library: this runtime is not supported, only Deno, Bun and Node 26 (node:ffi) are",
    );
  }
  if (process.platform !== "linux") {
    throw new Error(`Cannot call the C library: ${process.platform} is not supported, only linux is`);
  }
  return runtime;
}

function open(): Libc {
  const runtime = detect();
  const chosen = chosenPath ?? runtime.env("SOCKETPAIR_LIBC");
  const paths = (chosen ? [chosen] : [...LIBC_NAMES, ...runtime.paths()]).filter(runtime.permits);
  if (paths.length === 0) throw new Error(`Cannot open the C library: ${runtime.permissionHint}`);
  const failures: unknown[] = [];
  for (const path of paths) {
    let opened: Libc;
    try {
      opened = runtime.open(path);
    } catch (failure) {
      failures.push(failure);
      continue;
    }
    // Bun and Node take a wrong signature without a word and return undefined: ask what has a known answer.
    if (opened.calls.getpid() === runtime.pid()) return opened;
    failures.push(new Error(`getpid() of ${path} does not return this process's id`));
  }
  throw new Error(`Cannot open the C library: tried ${paths.join(", ")}`, {
    cause: failures[0],
  });
}
