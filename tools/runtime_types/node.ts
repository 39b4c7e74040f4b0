/** The types of @types/node fit what the module believes of Node. Checked by `tsc -p tools/runtime_types`; never run. */

import * as buffer from "node:buffer";
import * as ffi from "node:ffi";
import * as performance from "node:perf_hooks";
import process from "node:process";
import * as timers from "node:timers";
import * as threads from "node:worker_threads";
import type { Builtins, NodeFfi, NodeProcess } from "../../ffi/runtimes/_types.ts";

/** Written out: the compiler does not find the one overload of `registerCallback` that fits. */
const dlopen: NodeFfi["dlopen"] = (path, definitions) => {
  const { lib, functions } = ffi.dlopen(path, definitions);
  return { lib: { registerCallback: (signature, callback) => lib.registerCallback(signature, callback) }, functions };
};

export const nodeProcess: NodeProcess = process;
export const modules: Omit<Builtins, "bun:ffi"> = {
  "node:buffer": buffer,
  "node:ffi": { ...ffi, dlopen },
  "node:perf_hooks": performance,
  "node:timers": timers,
  "node:worker_threads": threads,
};
