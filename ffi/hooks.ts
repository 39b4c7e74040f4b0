/**
 * What tests and benchmarks may change of the module, and nothing else may: the one way in. No file of the product imports
 * this one.
 *
 * @module
 */

export { replaceLibc } from "./libc.ts";
