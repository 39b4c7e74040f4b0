/**
 * What tests and benchmarks may change of the module, and nothing else may: the one way in. No file of the product imports
 * this one.
 *
 * @module
 */

export { replaceClock } from "./host.ts";
export { replaceLibc } from "./libc.ts";
