/** Bun: `bun:ffi`, and a thread that blocks in poll(2) for waiting. */

import type { CSignature, CType } from "../symbols.ts";
import { builtin, globalProcess, setNodeEnv } from "./_builtin.ts";
import { checkingErrno, type LastError, lazySymbols, makeCalls, type Native, SIGNATURES } from "./_calls.ts";
import { doorbell } from "./_doorbell.ts";
import { mapped } from "./_mapped.ts";
import { nodeHost } from "./_node_host.ts";
import { OffThreadWaiter } from "./_off_thread_waiter.ts";
import type { BunNamespace, BunSignature } from "./_types.ts";
import type { Libc, Runtime } from "./contract.ts";

const NATIVE = { int: "i32", pointer: "ptr", size: "usize" } as const satisfies Record<CType, string>;

function native({ parameters, result }: CSignature): BunSignature {
  return { args: parameters.map((type) => NATIVE[type]), returns: result === "int" ? "i32" : "ptr" };
}

const same = (value: number): number => value;

function open(path: string): Libc {
  const { dlopen, ptr, toArrayBuffer } = builtin("bun:ffi");
  const look = (definitions: Record<string, BunSignature>) => dlopen(path, definitions).symbols;
  const symbol = lazySymbols((names) =>
    look(Object.fromEntries(names.map((name) => [name, native(SIGNATURES[name])])))
  );
  const location = look({ __errno_location: { args: [], returns: "ptr" } })["__errno_location"] as () => number;
  const last: LastError = { view: new Int32Array(toArrayBuffer(location(), 0, 4)), value: 0 };
  const calls = makeCalls((name, { parameters }) =>
    checkingErrno(symbol(name) as Native<number>, parameters.map(() => same), last)
  );
  const libc: Libc = {
    arch: globalProcess()!.arch,
    calls,
    errno: () => last.value,
    allocate(size) {
      const address = mapped(calls, size);
      return { address, buffer: toArrayBuffer(address, 0, size) };
    },
    lend: (bytes) => ptr(bytes),
    createWaiter: (fd, ready) => new OffThreadWaiter(libc, fd, ready, doorbell(doorbellSource(path), false)),
  };
  return libc;
}

function doorbellSource(path: string): string {
  return `const { symbols } = process.getBuiltinModule("bun:ffi").dlopen(${JSON.stringify(path)}, {
  poll: { args: ["ptr", "usize", "i32"], returns: "i32" },
});
const poll = (address, count) => symbols.poll(address, count, -1);`;
}

/** The Bun adapter. */
export const bun: Runtime = {
  host() {
    const { nanoseconds } = (globalThis as unknown as { Bun: BunNamespace }).Bun;
    return nodeHost(() => nanoseconds() / 1e6);
  },
  platform: () => globalProcess()?.platform,
  pid: () => globalProcess()!.pid,
  env: (name) => globalProcess()!.env[name],
  setEnv: setNodeEnv,
  paths: () => [],
  permits: () => true,
  permissionHint: () => "",
  open,
};
