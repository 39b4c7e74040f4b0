/** For tests: our own types of a child process fit Node's, both ways. Nothing runs; the compiler looks at it. */

import type { ChildProcess as NodeChild } from "node:child_process";
import type { ChildInput, ChildOutput, ChildProcess, spawn } from "../../process/mod.ts";

/** Node's is one of ours. */
export function ours(child: NodeChild): [ChildProcess, ChildInput | null, ChildOutput | null] {
  return [child, child.stdin, child.stdout];
}

/** Ours is made one of Node's as its documentation says. */
export function nodes(child: ChildProcess): NodeChild {
  return child as NodeChild;
}

/** What users do with it. */
export function use(child: ReturnType<typeof spawn>): (number | string | null | undefined)[] {
  const seen: (number | string | null | undefined)[] = [child.pid, child.exitCode, child.signalCode];
  child.on("exit", (code, signal) => seen.push(code, signal));
  child.on("error", (error) => seen.push(error.code));
  child.stdout?.on("data", (chunk) => seen.push(chunk.byteLength));
  child.stderr?.setEncoding("utf8").on("data", (text) => seen.push(text.toUpperCase()));
  child.unref();
  return child.kill("SIGTERM") ? seen : [];
}
