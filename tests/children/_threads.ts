import { readdirSync } from "node:fs";

/** How many threads this process has. */
export function threads(): number {
  return readdirSync("/proc/self/task").length;
}
