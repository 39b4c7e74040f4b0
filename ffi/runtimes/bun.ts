/** Bun: `bun:ffi`, and a thread that blocks in poll(2) for waiting. */

import type { CSignature, CType } from "../symbols.ts";
import { builtin, globalProcess, setNodeEnv } from "./_builtin.ts";
import { checkingErrno, type LastError, lazySymbols, makeCalls, type Native, SIGNATURES } from "./_calls.ts";
import { doorbell } from "./_doorbell.ts";
import { mapped } from "./_mapped.ts";
import { nodeHost } from "./_node_host.ts";
import { OffThreadWaiter } from "./_off_thread_waiter.ts";
import type { BunNamespace, BunSignature } from "./_types.ts";
import type { Block, Calls, Host, Libc, Runtime, Waiter } from "./contract.ts";

const NATIVE = { int: "i32", pointer: "ptr", size: "usize" } as const satisfies Record<CType, string>;

function native({ parameters, result }: CSignature): BunSignature {
  return { args: parameters.map((type) => NATIVE[type]), returns: result === "int" ? "i32" : "ptr" };
}

const same = (value: number): number => value;

class BunLibc implements Libc {
  readonly arch: string = globalProcess()!.arch;
  readonly calls: Calls;
  readonly #ffi = builtin("bun:ffi");
  readonly #symbol: (name: keyof typeof SIGNATURES) => unknown;
  readonly #last: LastError;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    const open = (definitions: Record<string, BunSignature>) => this.#ffi.dlopen(path, definitions).symbols;
    this.#symbol = lazySymbols((names) =>
      open(Object.fromEntries(names.map((name) => [name, native(SIGNATURES[name])])))
    );
    const location = open({ __errno_location: { args: [], returns: "ptr" } })["__errno_location"] as () => number;
    this.#last = { view: new Int32Array(this.#ffi.toArrayBuffer(location(), 0, 4)), value: 0 };
    this.calls = makeCalls((name, { parameters }) =>
      checkingErrno(this.#symbol(name) as Native<number>, parameters.map(() => same), this.#last)
    );
  }

  errno(): number {
    return this.#last.value;
  }

  allocate(size: number): Block {
    const address = mapped(this, size);
    return { address, buffer: this.#ffi.toArrayBuffer(address, 0, size) };
  }

  lend(bytes: Uint8Array): number {
    return this.#ffi.ptr(bytes);
  }

  createWaiter(fd: number, ready: () => void): Waiter {
    return new OffThreadWaiter(this, fd, ready, doorbell(doorbellSource(this.#path), false));
  }
}

function namespace(): BunNamespace {
  return (globalThis as unknown as { Bun: BunNamespace }).Bun;
}

function host(): Host {
  const { nanoseconds } = namespace();
  return nodeHost(() => nanoseconds() / 1e6);
}

function doorbellSource(path: string): string {
  return `const { symbols } = process.getBuiltinModule("bun:ffi").dlopen(${JSON.stringify(path)}, {
  poll: { args: ["ptr", "usize", "i32"], returns: "i32" },
});
const poll = (address, count) => symbols.poll(address, count, -1);`;
}

/** The Bun adapter. */
export const bun: Runtime = {
  host,
  platform: () => globalProcess()?.platform,
  pid: () => globalProcess()!.pid,
  env: (name) => globalProcess()!.env[name],
  setEnv: setNodeEnv,
  paths: () => [],
  permits: () => true,
  permissionHint: () => "",
  open: (path) => new BunLibc(path),
};
