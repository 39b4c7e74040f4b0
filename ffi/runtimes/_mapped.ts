import type { Calls } from "./contract.ts";
import { MAP_SCRATCH, PROT_READ_WRITE } from "../systems/linux.ts";

/** Takes memory that outlives the thread: the address of `size` bytes, zeroed. */
export function mapped(calls: Calls, size: number): number {
  const address = calls.mmap(0, size, PROT_READ_WRITE, MAP_SCRATCH, -1, 0);
  // MAP_FAILED is (void *) -1.
  if (address === -1 || address === 2 ** 64) throw new RangeError(`Cannot map ${size} bytes: out of memory`);
  return address;
}
