/** The types of @types/bun fit what the module believes of Bun. Checked by `tsc -p tools/runtime_types`; never run. */

import * as ffi from "bun:ffi";
import type { BunFfi, BunNamespace } from "../../ffi/runtimes/_types.ts";

export const bun: BunNamespace = Bun;
export const bunFfi: BunFfi = ffi;
