/** Node 26: `node:ffi`, and for waiting libuv's own `uv_poll_t` (main thread) or a thread in poll(2) (Workers). */

import { type CType, SYMBOLS } from "../symbols.ts";
import { builtin, globalProcess, setNodeEnv } from "./_builtin.ts";
import {
  checkingErrno,
  type LastError,
  lazySymbols,
  makeCalls,
  type Native,
  remembered,
  SIGNATURES,
} from "./_calls.ts";
import { doorbell } from "./_doorbell.ts";
import { mapped } from "./_mapped.ts";
import { nodeHost } from "./_node_host.ts";
import { OffThreadWaiter } from "./_off_thread_waiter.ts";
import type { NodeSignature } from "./_types.ts";
import { UvWaiter } from "./_uv_waiter.ts";
import type { Libc, Runtime } from "./contract.ts";

const NATIVE = { int: "i32", pointer: "pointer", size: "u64" } as const satisfies Record<CType, string>;
const CONVERSIONS: Readonly<Record<CType, (value: number) => number | bigint>> = {
  int: (value) => value,
  pointer: BigInt,
  size: BigInt,
};

/** Descriptors and other small numbers as bigints, each made once. */
const small: bigint[] = [];

/**
 * Every argument declared `pointer` and passed as a bigint is what node:ffi calls fastest, by a factor of two, but takes it
 * half a millisecond to prepare: for the hot calls only. An int as a pointer has room for it: the callee looks at the lower
 * half only.
 */
function hotConversion(type: CType): (value: number) => bigint {
  const last = remembered((value) => BigInt(type === "int" ? value >>> 0 : value));
  return type === "int" ? (int) => int >= 0 && int < 65536 ? small[int] ??= BigInt(int) : last(int) : last;
}

/** recvmsg or sendmsg, as `checkingErrno()` would make it, written out: what was converted last is kept here. That is 5 % of a record. */
function messageCall(call: Native<bigint>, last: LastError): Native<number> {
  const { view } = last;
  const int = hotConversion("int");
  let [fd, header, flags] = [NaN, NaN, NaN];
  let [a, b, c] = [0n, 0n, 0n];
  // deno-fmt-ignore
  return (newFd, newHeader, newFlags) => {
    if (newFd !== fd) a = int(fd = newFd!);
    if (newHeader !== header) b = BigInt(header = newHeader!);
    if (newFlags !== flags) c = int(flags = newFlags!);
    const it = call(a, b, c); if (it === -1) last.value = view[0]!; return it;
  };
}

function open(path: string): Libc {
  const ffi = builtin("node:ffi");
  const look = (definitions: Record<string, NodeSignature>) => ffi.dlopen(path, definitions).functions;
  const symbol = lazySymbols((names) =>
    look(Object.fromEntries(names.map((name) => {
      const { parameters, result } = SIGNATURES[name];
      return [name, {
        arguments: parameters.map((type) => name in SYMBOLS ? NATIVE[type] : "pointer"),
        return: result === "int" ? "i32" : "pointer",
      }];
    })))
  );
  const location = look({ __errno_location: { arguments: [], return: "pointer" } })["__errno_location"] as () => bigint;
  const last: LastError = { view: new Int32Array(ffi.toArrayBuffer(location(), 4, false)), value: 0 };
  const calls = makeCalls((name, { parameters, result }) => {
    if (name === "recvmsg" || name === "sendmsg") return messageCall(symbol(name) as Native<bigint>, last);
    const call = checkingErrno(
      symbol(name) as Native<number | bigint>,
      parameters.map((type) => name in SYMBOLS ? CONVERSIONS[type] : hotConversion(type)),
      last,
    );
    // Node gives an address as a bigint.
    return result === "int" ? call : (...values) => Number(call(...values));
  });
  const libc: Libc = {
    arch: globalProcess()!.arch,
    calls,
    errno: () => last.value,
    allocate(size) {
      const address = mapped(calls, size);
      return { address, buffer: ffi.toArrayBuffer(BigInt(address), size, false) };
    },
    lend: (bytes) => Number(ffi.getRawPointer(bytes)),
    createWaiter(fd, ready) {
      if (builtin("node:worker_threads").isMainThread) return new UvWaiter(ffi, nodeHost().immediate, fd, ready);
      // Node aborts when a Worker is terminated whose loop holds a handle that Node does not know.
      return new OffThreadWaiter(libc, fd, ready, doorbell(doorbellSource(path), false));
    },
  };
  return libc;
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
  host: nodeHost,
  platform() {
    const process = globalProcess();
    return process?.getBuiltinModule?.("node:ffi") === undefined ? undefined : process.platform;
  },
  pid: () => globalProcess()!.pid,
  env: (name) => globalProcess()!.env[name],
  setEnv: setNodeEnv,
  paths: () => [],
  permits: () => globalProcess()!.permission?.has("ffi") ?? true,
  permissionHint: () => "run with --allow-ffi",
  open,
};
