/** Deno: `Deno.dlopen`, and a `nonblocking` poll(2) for waiting. */

import { type CSignature, type CType, SYMBOLS } from "../symbols.ts";
import { LIBC_PATHS } from "../systems/linux.ts";
import {
  checkingErrno,
  type LastError,
  lazySymbols,
  makeCalls,
  type Native,
  remembered,
  SIGNATURES,
} from "./_calls.ts";
import { denoHost } from "./_deno_host.ts";
import { doorbell } from "./_doorbell.ts";
import { mapped } from "./_mapped.ts";
import { OffThreadWaiter, type PollCall } from "./_off_thread_waiter.ts";
import type { DenoNamespace, DenoPointer, DenoSignature } from "./_types.ts";
import type { Libc, Runtime } from "./contract.ts";

function namespace(): DenoNamespace {
  return (globalThis as unknown as { Deno: DenoNamespace }).Deno;
}

/** A pointer as `usize` crosses as a plain number: no pointer object has to be made for it. */
const NATIVE = { int: "i32", pointer: "usize", size: "usize" } as const satisfies Record<CType, string>;
/** The one form of the hot calls that stays on Deno's fast path: `pointer`, no `size_t`. */
const HOT = { int: "i32", pointer: "pointer", size: "usize" } as const satisfies Record<CType, string>;

function native({ parameters, result }: CSignature, types: typeof NATIVE | typeof HOT): DenoSignature {
  return { parameters: parameters.map((type) => types[type]), result: NATIVE[result] };
}

/** As Deno's processors are called elsewhere. */
const ARCH: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64" };

/** poll(2) on another thread. */
const POLL: DenoSignature = { name: "poll", parameters: ["usize", "usize", "i32"], result: "i32", nonblocking: true };
/**
 * memcpy of nothing returns where it would have copied to: the address of a buffer, or the pointer object of an address.
 * `Deno.UnsafePointer` says the same at several times the cost, and only to who may open any library.
 */
const ADDRESS_OF: DenoSignature = { name: "memcpy", parameters: ["buffer", "pointer", "pointer"], result: "usize" };
const POINTER_TO: DenoSignature = { name: "memcpy", parameters: ["usize", "pointer", "pointer"], result: "pointer" };
const PEEK: DenoSignature = { name: "memcpy", parameters: ["buffer", "usize", "usize"], result: "pointer" };

/** What this adapter itself needs of the C library. */
interface Own {
  addressOf(bytes: Uint8Array, from: null, length: null): bigint;
  pointerTo(address: number, from: null, length: null): DenoPointer;
  peek(to: Int32Array, from: number, length: number): DenoPointer;
  __errno_location(): bigint;
  pollAside: PollCall;
}

const OWN: Omit<Record<keyof Own, DenoSignature>, "peek"> = {
  addressOf: ADDRESS_OF,
  pointerTo: POINTER_TO,
  __errno_location: { parameters: [], result: "usize" },
  // Looked up at once: to open the library amid the user's work may prompt for a permission, and a test's sanitizer sees it.
  pollAside: POLL,
};

const same = (value: number): number => value;

let opened: { readonly pollAside: PollCall } | undefined;

function open(path: string): Libc {
  const { build, permissions, UnsafePointerView, dlopen } = namespace();
  // Whether memory of libc's may be shown as it is. With permission for this one library only, it may not.
  const shows = permissions.querySync({ name: "ffi" }).state === "granted";
  let found: Own | undefined;
  const symbol = lazySymbols((names) => {
    const definitions: Record<string, DenoSignature> = found === undefined ? { ...OWN } : {};
    // Each costs 0.2 ms.
    if (found === undefined && !shows) definitions["peek"] = PEEK;
    for (const name of names) definitions[name] = native(SIGNATURES[name], name in SYMBOLS ? NATIVE : HOT);
    const { symbols } = dlopen(path, definitions);
    found ??= symbols as unknown as Own;
    return symbols;
  });
  const own = opened = found!;
  const pointerTo = (address: number): DenoPointer => own.pointerTo(address, null, null);
  const show = (address: number, length: number): ArrayBuffer =>
    UnsafePointerView.getArrayBuffer(pointerTo(address), length);
  const last = shows ? { view: new Int32Array(show(Number(own.__errno_location()), 4)), value: 0 } : peekedErrno(own);
  const calls = makeCalls((name, { parameters, result }) => {
    const hot = !(name in SYMBOLS);
    const to = parameters.map((type) => hot && type === "pointer" ? remembered<number | DenoPointer>(pointerTo) : same);
    const call = checkingErrno(symbol(name) as Native<number | DenoPointer>, to, last);
    // Deno gives an address as a bigint.
    return result === "int" ? call : (...values) => Number(call(...values));
  });
  const libc: Libc = {
    arch: ARCH[build.arch] ?? build.arch,
    calls,
    errno: () => last.value,
    allocate(size) {
      if (shows) {
        const address = mapped(calls, size);
        return { address, buffer: show(address, size) };
      }
      const buffer = new ArrayBuffer(size);
      return { address: libc.lend(new Uint8Array(buffer)), buffer };
    },
    lend: (bytes) => Number(own.addressOf(bytes, null, null)),
    createWaiter(fd, ready) {
      return new OffThreadWaiter(libc, fd, ready, doorbell(doorbellSource(path), true), own.pollAside);
    },
  };
  return libc;
}

/** `errno` by way of a copy. */
function peekedErrno({ __errno_location, peek }: Own): LastError {
  const location = Number(__errno_location());
  const view = new Int32Array(new ArrayBuffer(128));
  return { view, refresh: () => void peek(view, location, 4), value: 0 };
}

function doorbellSource(path: string): string {
  const definition = JSON.stringify({ poll: { ...POLL, nonblocking: false } });
  return `const { symbols } = Deno.dlopen(${JSON.stringify(path)}, ${definition});
const poll = (address, count) => symbols.poll(address, count, -1);`;
}

/** Whether a file is there, as far as it may be looked at. */
function isThere(path: string): boolean {
  if (namespace().permissions.querySync({ name: "read", path }).state !== "granted") return false;
  try {
    return namespace().statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Whether a variable may be read and changed. */
function maySee(variable: string): boolean {
  return namespace().permissions.querySync({ name: "env", variable }).state === "granted";
}

/** The Deno adapter. */
export const deno: Runtime = {
  host: () => denoHost(() => opened?.pollAside),
  platform: () => namespace().build.os,
  pid: () => namespace().pid,
  env: (name) => maySee(name) ? namespace().env.get(name) : undefined,
  setEnv: (name, value) => {
    if (!maySee(name)) return;
    if (value === undefined) namespace().env.delete(name);
    else namespace().env.set(name, value);
  },
  // With permission for a path, the bare names may not be opened.
  paths: () => LIBC_PATHS[namespace().build.env === "musl" ? "musl" : "gnu"],
  // With permission for some paths only, Deno takes a bare name for a file in the working directory: a program that can write there
  // would choose the library.
  permits: (path) =>
    namespace().permissions.querySync(path.includes("/") ? { name: "ffi", path } : { name: "ffi" }).state === "granted",
  permissionHint(files) {
    const { arch } = namespace().build;
    const paths = files.filter((path) => path.startsWith("/") && (/x86_64|aarch64/.exec(path)?.[0] ?? arch) === arch);
    const file = paths.find(isThere) ?? paths.join();
    return `run with --allow-ffi${file && `, or with --allow-ffi=${file}`}`;
  },
  open,
};
