/**
 * Which runtime this is, and the C library of this thread. No other file asks for the runtime; what an adapter owes is in
 * `runtimes/contract.ts`.
 *
 * @module
 */

import type { Libc, Runtime } from "./runtimes/contract.ts";
import { LIBC_NAMES } from "./systems/linux.ts";
import { bun } from "./runtimes/bun.ts";
import { deno } from "./runtimes/deno.ts";
import { node } from "./runtimes/node.ts";

export type { Block, Libc, Waiter } from "./runtimes/contract.ts";

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

/** Puts another implementation in place, or with `undefined` the runtime's own. For tests only, which reach it by `hooks.ts`. */
export function replaceLibc(replacement: Libc | undefined): void {
  current = replacement;
}

/** An environment variable, or `undefined` where it may not be read. */
export function environmentVariable(name: string): string | undefined {
  return supported().env(name);
}

/** Sets an environment variable, or removes it. No effect where that is not permitted. */
export function setEnvironment(name: string, value: string | undefined): void {
  supported().setEnv(name, value);
}

/** The adapter of the runtime that this is, as far as can be told: it may turn out to be none that is supported. */
export function runtime(): Runtime {
  return "Deno" in globalThis ? deno : "Bun" in globalThis ? bun : node;
}

/** A runtime that is not supported, as it calls itself. */
function nameOfThis(): string {
  const { process, navigator } = globalThis as {
    process?: { versions?: { node?: string } };
    navigator?: { userAgent?: string };
  };
  const node = process?.versions?.node;
  return node ? `Node ${node}` : navigator?.userAgent || "this runtime";
}

function supported(): Runtime {
  const found = runtime();
  const platform = found.platform();
  if (platform === undefined) {
    throw new Error(
      `Cannot call the C library: ${nameOfThis()} is not supported, only Deno, Bun and Node 26 (node:ffi) are`,
    );
  }
  if (platform !== "linux") {
    throw new Error(`Cannot call the C library: ${platform} is not supported, only linux is`);
  }
  return found;
}

function open(): Libc {
  const runtime = supported();
  const chosen = chosenPath ?? runtime.env("SOCKETPAIR_LIBC");
  const files = chosen ? [chosen] : runtime.paths();
  const failures: unknown[] = [];
  const tried: string[] = [];
  for (const path of chosen ? files : [...LIBC_NAMES, ...files]) {
    // One by one: in Deno to ask for all of them takes some milliseconds, and the first is mostly the one.
    if (!runtime.permits(path)) continue;
    tried.push(path);
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
  if (tried.length === 0) throw new Error(`Cannot open the C library: ${runtime.permissionHint(files)}`);
  throw new Error(`Cannot open the C library: tried ${tried.join(", ")}`, { cause: failures[0] });
}
