import { builtin } from "./runtimes/_builtin.ts";
export { immediate } from "./immediate.ts";
export { uninitialized } from "./uninitialized.ts";
const performance = globalThis.performance;
export const now = (): number => performance.now();
export const types = (): { isAnyArrayBuffer(v: unknown): v is ArrayBufferLike } => builtin("node:util/types");
