/** For tests: how a child process ends, and which programs there are. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import type { ChildProcess } from "../../process/mod.ts";
import { delay } from "../_support.ts";
import "../children/_warm_up.ts";

/** How a child ended: its exit code, or the signal that ended it, or the code of the error that kept it from starting. */
export function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(error.code ?? error.message));
    child.on("exit", (code, signal) => resolve(code ?? signal ?? "neither code nor signal"));
  });
}

/** Resolves when a program listens at a path, at most five seconds later: the file is there a moment before that. */
export async function listens(path: string): Promise<void> {
  // The fourth column has __SO_ACCEPTCON.
  const listening = () =>
    readFileSync("/proc/net/unix", "utf8").split("\n")
      .some((line) => line.endsWith(` ${path}`) && line.split(" ")[3] === "00010000");
  for (let attempt = 0; attempt < 500 && !listening(); attempt += 1) await delay(10);
}

/** What the runtimes need of the environment, as options of systemd-socket-activate, which passes on nothing else. */
export const PASSED_ON: readonly string[] = ["HOME", "PATH", "DENO_DIR", "LD_LIBRARY_PATH"]
  .flatMap((name) => name in process.env ? ["-E", name] : []);

/** Why a test of a program is skipped, or false. `tools/install-peers.sh` installs those that can be missing. */
export function missing(...programs: string[]): string | false {
  const absent = programs.filter((program) => {
    if (program.startsWith("/")) return !existsSync(program);
    return spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status !== 0;
  });
  return absent.length > 0 && `${absent.join(" and ")} not installed`;
}
