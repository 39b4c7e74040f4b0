/** Deno: `Deno.dlopen`, and a `nonblocking` poll(2) for waiting. */

import type { Block, Libc, Runtime } from "../libc.ts";
import {
  type Calls,
  type CSignature,
  type CType,
  type ManyCall,
  MESSAGE_SYMBOLS,
  type MessageCall,
  SYMBOLS,
} from "../symbols.ts";
import { LIBC_PATHS } from "../systems/linux.ts";
import { nodeProcess } from "./_builtin.ts";
import { Doorbell } from "./_doorbell.ts";
import { mapped } from "./_mapped.ts";
import { OffThreadWaiter } from "./_off_thread_waiter.ts";

/** Deno's pointer object: opaque, and never seen outside this file. */
type Pointer = { readonly __pointer: unique symbol };

interface DenoSignature {
  readonly name?: string;
  readonly parameters: readonly string[];
  readonly result: string;
  readonly nonblocking?: boolean;
}

/** As much of the `Deno` namespace as is used here. */
interface DenoNamespace {
  readonly pid: number;
  readonly build: { readonly env?: string };
  readonly env: { get(name: string): string | undefined };
  readonly permissions: {
    querySync(descriptor: { name: "ffi"; path?: string } | { name: "env"; variable: string }): { state: string };
  };
  dlopen(path: string, symbols: Record<string, DenoSignature>): { symbols: Record<string, unknown> };
  readonly UnsafePointerView: { getArrayBuffer(pointer: Pointer, length: number): ArrayBuffer };
}

function namespace(): DenoNamespace {
  return (globalThis as unknown as { Deno: DenoNamespace }).Deno;
}

/** A pointer as `usize` crosses as a plain number: no pointer object has to be made for it. */
const NATIVE: Record<CType, string> = { int: "i32", pointer: "usize", size: "usize" };
/** A failed call's -1 must stay -1, so sizes come back signed. */
const NATIVE_RESULT: Record<CType, string> = { int: "i32", pointer: "usize", size: "isize" };

function native({ parameters, result }: CSignature): DenoSignature {
  return { parameters: parameters.map((type) => NATIVE[type]), result: NATIVE_RESULT[result] };
}

const POLL: DenoSignature = { parameters: ["usize", "usize", "i32"], result: "i32", nonblocking: true };
/**
 * memcpy of nothing returns where it would have copied to: the address of a buffer, or the pointer object of an address.
 * `Deno.UnsafePointer` says the same at several times the cost, and only to who may open any library.
 */
const ADDRESS_OF: DenoSignature = { name: "memcpy", parameters: ["buffer", "pointer", "pointer"], result: "usize" };
const POINTER_TO: DenoSignature = { name: "memcpy", parameters: ["usize", "pointer", "pointer"], result: "pointer" };
const PEEK: DenoSignature = { name: "memcpy", parameters: ["buffer", "usize", "usize"], result: "pointer" };

/** The one form of the hot calls that stays on Deno's fast path: `pointer`, no `size_t`. */
const MESSAGE: DenoSignature = { parameters: ["i32", "pointer", "i32"], result: "i32" };

class DenoLibc implements Libc {
  readonly arch = nodeProcess().arch;
  readonly calls: Calls;
  readonly #symbols: Record<string, unknown>;
  readonly #path: string;
  readonly #errno = new Int32Array(new ArrayBuffer(128));
  readonly #errnoLocation: number;
  /** Whether memory of libc's may be shown as it is. With permission for this one library only, it may not. */
  readonly #shows = namespace().permissions.querySync({ name: "ffi" }).state === "granted";
  #doorbell: Doorbell | undefined;

  constructor(path: string) {
    this.#path = path;
    const definitions: Record<string, DenoSignature> = {
      addressOf: ADDRESS_OF,
      pointerTo: POINTER_TO,
      peek: PEEK,
      __errno_location: { parameters: [], result: "usize" },
    };
    for (const [name, signature] of Object.entries(SYMBOLS)) definitions[name] = native(signature);
    for (const name of Object.keys(MESSAGE_SYMBOLS)) definitions[name] = MESSAGE;
    definitions["sendmmsg"] = { parameters: ["i32", "pointer", "i32", "i32"], result: "i32" };
    definitions["recvmmsg"] = { parameters: ["i32", "pointer", "i32", "i32", "pointer"], result: "i32" };
    definitions["offThreadPoll"] = { name: "poll", ...POLL };
    this.#symbols = namespace().dlopen(path, definitions).symbols;
    const calls: Record<string, unknown> = {};
    for (const [name, signature] of Object.entries<CSignature>(SYMBOLS)) {
      const call = this.#symbols[name] as (...values: number[]) => number | bigint;
      // Deno gives a 64-bit result as a bigint.
      calls[name] = signature.result === "int" ? call : (...values: number[]) => Number(call(...values));
    }
    this.calls = calls as Calls;
    this.#errnoLocation = Number((this.#symbols["__errno_location"] as () => bigint)());
    if (this.#shows) this.#errno = new Int32Array(this.#show(this.#errnoLocation, 4));
  }

  bindRecvmsg(header: number): MessageCall {
    return this.#bind("recvmsg", header);
  }

  bindSendmsg(header: number): MessageCall {
    return this.#bind("sendmsg", header);
  }

  bindReceiveMany(headers: number): ManyCall {
    const call = this.#symbols["recvmmsg"] as (fd: number, h: Pointer, n: number, f: number, t: null) => number;
    const pointer = this.#pointerTo(headers);
    return (fd, count, flags) => call(fd, pointer, count, flags, null);
  }

  bindSendMany(headers: number): ManyCall {
    const call = this.#symbols["sendmmsg"] as (fd: number, h: Pointer, n: number, f: number) => number;
    const pointer = this.#pointerTo(headers);
    return (fd, count, flags) => call(fd, pointer, count, flags);
  }

  errno(): number {
    if (!this.#shows) {
      const peek = this.#symbols["peek"] as (to: Int32Array, from: number, length: number) => Pointer;
      peek(this.#errno, this.#errnoLocation, 4);
    }
    return this.#errno[0]!;
  }

  allocate(size: number): Block {
    if (this.#shows) {
      const address = mapped(this, size);
      return { address, buffer: this.#show(address, size) };
    }
    const buffer = new ArrayBuffer(size);
    return { address: this.lend(new Uint8Array(buffer)), buffer };
  }

  lend(bytes: Uint8Array): number {
    return Number(
      (this.#symbols["addressOf"] as (bytes: Uint8Array, from: null, length: null) => bigint)(bytes, null, null),
    );
  }

  createWaiter(fd: number, ready: () => void): OffThreadWaiter {
    const poll = this.#symbols["offThreadPoll"] as (address: number, count: number, timeout: number) => Promise<number>;
    // A nonblocking call always keeps the process alive; a Worker does so or not, as it is told.
    let byCall = false;
    return new OffThreadWaiter(this, fd, ready, {
      poll: (address, count, keepAlive, returned) => {
        byCall = keepAlive;
        this.#doorbell?.hold(ready, false);
        if (keepAlive) void poll(address, count, -1).then(returned);
        else (this.#doorbell ??= new Doorbell(doorbellSource(this.#path), true)).poll(address, count, returned);
      },
      linger: (on) => this.#doorbell?.hold(ready, on),
      hold: (keepAlive) => {
        if (byCall) return keepAlive;
        this.#doorbell?.hold(ready, keepAlive);
        return true;
      },
    });
  }

  #bind(name: "recvmsg" | "sendmsg", header: number): MessageCall {
    const call = this.#symbols[name] as (fd: number, header: Pointer, flags: number) => number;
    const pointer = this.#pointerTo(header);
    return (fd, flags) => call(fd, pointer, flags);
  }

  #pointerTo(address: number): Pointer {
    return (this.#symbols["pointerTo"] as (to: number, from: null, length: null) => Pointer)(address, null, null);
  }

  #show(address: number, length: number): ArrayBuffer {
    return namespace().UnsafePointerView.getArrayBuffer(this.#pointerTo(address), length);
  }
}

function doorbellSource(path: string): string {
  const definition = JSON.stringify({ poll: { ...POLL, nonblocking: false } });
  return `const { symbols } = Deno.dlopen(${JSON.stringify(path)}, ${definition});
const poll = (address, count) => symbols.poll(address, count, -1);`;
}

/** The Deno adapter. */
export const deno: Runtime = {
  pid: () => namespace().pid,
  env: (name) =>
    namespace().permissions.querySync({ name: "env", variable: name }).state === "granted"
      ? namespace().env.get(name)
      : undefined,
  // With permission for a path, the bare names may not be opened.
  paths: () => LIBC_PATHS[namespace().build.env === "musl" ? "musl" : "gnu"],
  // With permission for some paths only, Deno takes a bare name for a file in the working directory: whoever can write there
  // would choose the library.
  permits: (path) =>
    namespace().permissions.querySync(path.includes("/") ? { name: "ffi", path } : { name: "ffi" }).state === "granted",
  permissionHint: "run with --allow-ffi, or with --allow-ffi=<absolute path of the C library>",
  open: (path) => new DenoLibc(path),
};
