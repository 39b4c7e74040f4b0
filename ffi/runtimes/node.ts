/** Node 26: `node:ffi`, and for waiting libuv's own `uv_poll_t` (main thread) or a thread in poll(2) (Workers). */

import type { Block, Libc, Runtime, Waiter } from "../libc.ts";
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
import { type NodeFfi, UvWaiter } from "./_uv_waiter.ts";

const NATIVE: Record<CType, string> = { int: "i32", pointer: "pointer", size: "u64" };
/** A failed call's -1 must stay -1, so sizes come back signed. */
const NATIVE_RESULT: Record<CType, string> = { int: "i32", pointer: "pointer", size: "i64" };
/** Every argument declared `pointer` and passed as a bigint is what node:ffi calls fastest, by a factor of two. */
const MESSAGE = { arguments: ["pointer", "pointer", "pointer"], return: "i32" };

type NativeCall = (...values: (number | bigint)[]) => number | bigint;

/** Descriptors as bigints, each made once. */
const descriptors: bigint[] = [];

/** An int as a pointer has room for it: the callee looks at the lower half only. */
function asPointer(int: number): bigint {
  return BigInt(int >>> 0);
}

function descriptorAsPointer(fd: number): bigint {
  return fd >= 0 && fd < 65536 ? descriptors[fd] ??= BigInt(fd) : asPointer(fd);
}

/** A hot call with its header bound, and the flags kept as they were last: they hardly ever change. */
function bind(call: (fd: bigint, header: bigint, flags: bigint) => number, header: number): MessageCall {
  const pointer = BigInt(header);
  let known = 0;
  let converted = 0n;
  return (fd, flags) => {
    if (flags !== known) {
      known = flags;
      converted = asPointer(flags);
    }
    return call(descriptorAsPointer(fd), pointer, converted);
  };
}

class NodeLibc implements Libc {
  readonly arch = nodeProcess().arch;
  readonly calls: Calls;
  readonly #ffi = builtin<NodeFfi>("node:ffi");
  readonly #functions: Record<string, NativeCall>;
  readonly #errno: Int32Array;
  readonly #path: string;
  #doorbell: Doorbell | undefined;

  constructor(path: string) {
    this.#path = path;
    const definitions: Record<string, { arguments: readonly string[]; return: string }> = {
      __errno_location: { arguments: [], return: "pointer" },
    };
    for (const [name, { parameters, result }] of Object.entries<CSignature>(SYMBOLS)) {
      definitions[name] = { arguments: parameters.map((type) => NATIVE[type]), return: NATIVE_RESULT[result] };
    }
    for (const name of Object.keys(MESSAGE_SYMBOLS)) definitions[name] = MESSAGE;
    definitions["sendmmsg"] = { arguments: ["pointer", "pointer", "pointer", "pointer"], return: "i32" };
    definitions["recvmmsg"] = { arguments: ["pointer", "pointer", "pointer", "pointer", "pointer"], return: "i32" };
    this.#functions = this.#ffi.dlopen(path, definitions).functions as Record<string, NativeCall>;
    const calls: Record<string, (...values: number[]) => number> = {};
    for (const [name, { parameters }] of Object.entries<CSignature>(SYMBOLS)) {
      const call = this.#functions[name]!;
      calls[name] = (...values) =>
        Number(call(...values.map((value, index) => parameters[index] === "int" ? value : BigInt(value))));
    }
    this.calls = calls as unknown as Calls;
    const location = this.#functions["__errno_location"]!() as bigint;
    this.#errno = new Int32Array(this.#ffi.toArrayBuffer(location, 4, false));
  }

  bindRecvmsg(header: number): MessageCall {
    return bind(this.#functions["recvmsg"] as (fd: bigint, header: bigint, flags: bigint) => number, header);
  }

  bindSendmsg(header: number): MessageCall {
    return bind(this.#functions["sendmsg"] as (fd: bigint, header: bigint, flags: bigint) => number, header);
  }

  bindReceiveMany(headers: number): ManyCall {
    const call = this.#functions["recvmmsg"] as (...v: bigint[]) => number;
    const pointer = BigInt(headers);
    return (fd, count, flags) =>
      call(descriptorAsPointer(fd), pointer, descriptorAsPointer(count), asPointer(flags), 0n);
  }

  bindSendMany(headers: number): ManyCall {
    const call = this.#functions["sendmmsg"] as (...v: bigint[]) => number;
    const pointer = BigInt(headers);
    return (fd, count, flags) => call(descriptorAsPointer(fd), pointer, descriptorAsPointer(count), asPointer(flags));
  }

  errno(): number {
    return this.#errno[0]!;
  }

  allocate(size: number): Block {
    const address = mapped(this, size);
    return { address, buffer: this.#ffi.toArrayBuffer(BigInt(address), size, false) };
  }

  lend(bytes: Uint8Array): number {
    return Number(this.#ffi.getRawPointer(bytes));
  }

  createWaiter(fd: number, ready: () => void): Waiter {
    const { isMainThread } = builtin<{ isMainThread: boolean }>("node:worker_threads");
    if (isMainThread) return new UvWaiter(this.#ffi, fd, ready);
    // Node aborts when a Worker is terminated whose loop holds a handle that Node does not know.
    const bell = this.#doorbell ??= new Doorbell(doorbellSource(this.#path), false);
    return new OffThreadWaiter(this, fd, ready, {
      poll: (address, count, keepAlive, returned) => {
        bell.hold(ready, keepAlive);
        bell.poll(address, count, returned);
      },
      linger: (on) => bell.hold(ready, on),
      hold: (keepAlive) => {
        bell.hold(ready, keepAlive);
        return true;
      },
    });
  }
}

/**
 * The thread polls its own loop's descriptor too: it turns readable when Node wants the thread to end, which would
 * otherwise wait for this poll for ever.
 */
function doorbellSource(path: string): string {
  return `const ffi = process.getBuiltinModule("node:ffi");
const { functions } = ffi.dlopen(${JSON.stringify(path)}, {
  poll: { arguments: ["pointer", "u64", "i32"], return: "i32" },
});
const { uv_backend_fd } = ffi.dlopen(null, { uv_backend_fd: { arguments: ["pointer"], return: "i32" } }).functions;
const loop = uv_backend_fd(ffi.getCurrentEventLoop());
const poll = (address, count) => {
  const pollfds = BigInt(address);
  ffi.setInt32(pollfds, count * 8, loop);
  ffi.setInt32(pollfds, count * 8 + 4, 1);
  functions.poll(pollfds, BigInt(count + 1), -1);
};`;
}

/** The Node adapter. */
export const node: Runtime = {
  pid: () => nodeProcess().pid,
  env: (name) => nodeProcess().env[name],
  paths: () => [],
  permits: () => nodeProcess().permission?.has("ffi") ?? true,
  permissionHint: "run with --allow-ffi",
  open: (path) => new NodeLibc(path),
};
