import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Hand, Launcher, Runtime, Thread } from "./port.ts";
import { startThread } from "./thread.ts";

const GUEST = new URL("./guest.ts", import.meta.url);
const THREAD = new URL("./guest_thread.ts", import.meta.url);

/** Which runtime this is. */
export const RUNNING: Runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";

/** The arguments before a script's own path. */
export const SCRIPT_ARGUMENTS: Record<Runtime, readonly string[]> = {
  deno: ["run", "-A", "--no-check"],
  bun: [],
  node: [],
};

/** Starts guests, and ends them. */
export class GuestLauncher implements Launcher {
  readonly hand: Hand;
  /** The processes that were started. */
  readonly pids: number[] = [];
  readonly #failed: (reason: unknown) => void;
  #stopped = false;

  /** @param failed Called when a guest ends or fails on its own */
  constructor(hand: Hand, failed: (reason: unknown) => void) {
    this.hand = hand;
    this.#failed = failed;
  }

  start(fds: readonly number[] = []): void {
    if (this.hand.workload === "worker") return void this.thread(fds);
    const [program, args] = this.command(fds.map((_, index) => 3 + index));
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit", ...fds] });
    child.on("error", this.#failed);
    child.on("exit", (code, signal) => {
      if (!this.#stopped) this.#failed(new Error(`The guest has ended: ${signal ?? code}`));
    });
    this.started(child.pid!);
  }

  thread(fds: readonly number[] = []): Thread {
    const thread = startThread(THREAD, this.#failed);
    thread.post({ ...this.hand, fds });
    return thread;
  }

  command(fds: readonly number[] = []): [string, string[]] {
    const hand = JSON.stringify({ ...this.hand, fds });
    return [process.execPath, [...SCRIPT_ARGUMENTS[RUNNING], fileURLToPath(GUEST), hand]];
  }

  started(pid: number): void {
    this.pids.push(pid);
  }

  /** Ends the processes; threads end with this one. */
  stop(): void {
    this.#stopped = true;
    for (const pid of this.pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended already.
      }
    }
  }
}
