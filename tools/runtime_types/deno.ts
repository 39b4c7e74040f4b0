/** Deno's own types fit what the module believes of Deno. Checked by `deno check`; never run. */

import type { DenoNamespace } from "../../ffi/runtimes/_types.ts";

export const deno: DenoNamespace<Deno.PointerObject> = Deno;
