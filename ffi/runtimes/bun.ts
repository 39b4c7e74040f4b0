/** Bun: `bun:ffi`, and a thread that blocks in poll(2) for waiting. */

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
import { builtin, nodeProcess } from "./_builtin.ts";
import { Doorbell } from "./_doorbell.ts";
import { mapped } from "./_mapped.ts";
import { OffThreadWaiter } from "./_off_thread_waiter.ts";

interface BunSignature {
  readonly args: readonly string[];
  readonly returns: string;
}

/** As much of `bun:ffi` as is used here. */
interface BunFfi {
  dlopen(path: string, symbols: Record<string, BunSignature>): { symbols: Record<string, unknown> };
  ptr(view: Uint8Array): number;
  toArrayBuffer(address: number, offset: number, length: number): ArrayBuffer;
}

const NATIVE: Record<CType, string> = { int: "i32", pointer: "ptr", size: "u64_fast" };
/** A failed call's -1 must stay -1, so sizes come back signed. */
const NATIVE_RESULT: Record<CType, string> = { int: "i32", pointer: "ptr", size: "i64_fast" };

function native({ parameters, result }: CSignature): BunSignature {
  return { args: parameters.map((type) => NATIVE[type]), returns: NATIVE_RESULT[result] };
}

/** One for the thread, whatever is waited for: starting it is what costs. */
let doorbell: Doorbell | undefined;

class BunLibc implements Libc {
  readonly arch = nodeProcess().arch;
  readonly calls: Calls;
  readonly #ffi = builtin<BunFfi>("bun:ffi");
  readonly #symbols: Record<string, unknown>;
  readonly #errno: Int32Array;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    const definitions: Record<string, BunSignature> = { __errno_location: { args: [], returns: "ptr" } };
    for (const [name, signature] of Object.entries({ ...SYMBOLS, ...MESSAGE_SYMBOLS })) {
      definitions[name] = native(signature);
    }
    definitions["sendmmsg"] = { args: ["i32", "ptr", "i32", "i32"], returns: "i32" };
    definitions["recvmmsg"] = { args: ["i32", "ptr", "i32", "i32", "ptr"], returns: "i32" };
    this.#symbols = this.#ffi.dlopen(path, definitions).symbols;
    this.calls = this.#symbols as Calls;
    const location = (this.#symbols["__errno_location"] as () => number)();
    this.#errno = new Int32Array(this.#ffi.toArrayBuffer(location, 0, 4));
  }

  bindRecvmsg(header: number): MessageCall {
    const recvmsg = this.#symbols["recvmsg"] as (fd: number, header: number, flags: number) => number;
    return (fd, flags) => recvmsg(fd, header, flags);
  }

  bindSendmsg(header: number): MessageCall {
    const sendmsg = this.#symbols["sendmsg"] as (fd: number, header: number, flags: number) => number;
    return (fd, flags) => sendmsg(fd, header, flags);
  }

  bindReceiveMany(headers: number): ManyCall {
    const call = this.#symbols["recvmmsg"] as (...v: (number | null)[]) => number;
    return (fd, count, flags) => call(fd, headers, count, flags, null);
  }

  bindSendMany(headers: number): ManyCall {
    const call = this.#symbols["sendmmsg"] as (...v: (number | null)[]) => number;
    return (fd, count, flags) => call(fd, headers, count, flags);
  }

  errno(): number {
    return this.#errno[0]!;
  }

  allocate(size: number): Block {
    const address = mapped(this, size);
    return { address, buffer: this.#ffi.toArrayBuffer(address, 0, size) };
  }

  lend(bytes: Uint8Array): number {
    return this.#ffi.ptr(bytes);
  }

  createWaiter(fd: number, ready: () => void): OffThreadWaiter {
    return new OffThreadWaiter(this, fd, ready, {
      poll: (address, count, keepAlive, returned) => {
        doorbell ??= new Doorbell(doorbellSource(this.#path), false);
        doorbell.hold(ready, keepAlive);
        doorbell.poll(address, count, returned);
      },
      linger: (on) => doorbell?.hold(ready, on),
      hold: (keepAlive) => {
        doorbell?.hold(ready, keepAlive);
        return true;
      },
    });
  }
}

function doorbellSource(path: string): string {
  return `const { symbols } = process.getBuiltinModule("bun:ffi").dlopen(${JSON.stringify(path)}, {
  poll: { args: ["ptr", "u64_fast", "i32"], returns: "i32" },
});
const poll = (address, count) => symbols.poll(address, count, -1);`;
}

/** The Bun adapter. */
export const bun: Runtime = {
  pid: () => nodeProcess().pid,
  env: (name) => nodeProcess().env[name],
  paths: () => [],
  permits: () => true,
  permissionHint: "",
  open: (path) => new BunLibc(path),
};
