/** For tests: which process holds which open file, as /proc tells it. */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { assert, delay } from "../_support.ts";

/** What stands behind a descriptor, as `"socket:[1234]"`; `"closed"` if nothing does. Two that are alike are one. */
export function openFile(fd: number, pid: number | "self" = "self"): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return "closed";
  }
}

/** The descriptors by which a process holds an open file; none if the process is gone. */
export function holders(file: string, pid: number | "self" = "self"): number[] {
  let numbers: number[];
  try {
    numbers = readdirSync(`/proc/${pid}/fd`).map(Number);
  } catch {
    return [];
  }
  return numbers.filter((fd) => openFile(fd, pid) === file).sort((one, other) => one - other);
}

/** How many sockets a process has open. */
export function socketCount(pid: number | "self" = "self"): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => openFile(Number(fd), pid).startsWith("socket:")).length;
}

/** Whether a descriptor of this process is close-on-exec. */
export function closesOnExec(fd: number): boolean {
  const [, flags] = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))!;
  return (parseInt(flags!, 8) & 0o2000000) !== 0;
}

/** Waits, at most two seconds, until a process holds an open file by just these descriptors: a child begins as a copy. */
export async function holdsOnly(file: string, pid: number, descriptors: readonly number[]): Promise<void> {
  const wanted = JSON.stringify(descriptors);
  for (let attempt = 0; attempt < 100 && JSON.stringify(holders(file, pid)) !== wanted; attempt += 1) await delay(20);
  assert.deepEqual(holders(file, pid), descriptors);
}
