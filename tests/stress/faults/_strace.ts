/** Runs scripts under strace(1), which makes chosen system calls fail without the kernel seeing them. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandFor, type Outcome, run } from "../../_support.ts";

// Stops at the traced calls only: without it every call of the runtime would stop.
const OPTIONS = ["-f", "-qq", "--seccomp-bpf", "-e", "signal=none"];

/** Why nothing can be injected here, or false. */
export const noInjection: string | false = reason();

function reason(): string | false {
  const { error, status } = spawnSync("strace", [...OPTIONS, "-e", "trace=socketpair", "-o", "/dev/null", "true"]);
  if (error !== undefined) return "strace is not installed";
  return status === 0 ? false : "strace may not trace here";
}

/** How a script under strace ended. */
export interface Injected extends Outcome {
  /** The calls that were made to fail, as strace writes them. */
  injected: string[];
}

/**
 * Runs a script of `tests/stress/faults/` in this runtime while calls of it fail.
 *
 * @param calls The system calls, as `"recvmsg,sendmsg"`
 * @param fault What happens to them, as `"error=ENOBUFS:when=20+"`. Every thread counts by itself, and the runtime's own
 * calls count too: choose a first one by which the script is surely running, and let the script try that often
 */
export async function runInjected(
  calls: string,
  fault: string,
  script: string,
  args: string[] = [],
): Promise<Injected> {
  const directory = mkdtempSync(join(tmpdir(), "socketpair-"));
  const log = join(directory, "log");
  const [program, prefix] = commandFor(`tests/stress/faults/${script}`);
  try {
    const outcome = await run("strace", [
      ...OPTIONS,
      ...["-o", log, "-e", `trace=${calls}`, "-e", `inject=${calls}:${fault}`],
      ...[program, ...prefix, ...args],
    ]);
    const injected = readFileSync(log, "utf8").split("\n").filter((line) => line.endsWith("(INJECTED)"));
    return { ...outcome, injected };
  } finally {
    rmSync(directory, { recursive: true });
  }
}
