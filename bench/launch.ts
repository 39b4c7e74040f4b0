import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Hand, Launcher, Thread } from "./port.ts";
import { startThread } from "./thread.ts";

const PROCESS = fileURLToPath(new URL("./guest_process.ts", import.meta.url));
const THREAD = new URL("./guest_thread.ts", import.meta.url);

/** The arguments before a script's own path. */
export const SCRIPT_ARGUMENTS: Record<string, string[]> = { deno: ["run", "-A", "--no-check"], bun: [], node: [] };

/** Starts guests, and ends them. */
export class GuestLauncher implements Launcher {
  readonly hand: Hand;
  readonly #runtime: string;
  readonly #failed: (reason: unknown) => void;
  readonly #stops: (() => void)[] = [];
  /** Processes that were started. */
  readonly pids: number[] = [];

  /** @param failed Called when a guest ends or fails on its own */
  constructor(runtime: string, hand: Hand, failed: (reason: unknown) => void) {
    this.#runtime = runtime;
    this.hand = hand;
    this.#failed = failed;
  }

  start(fds: readonly number[] = []): void {
    if (this.hand.placement === "c") return void this.thread(fds);
    const [program, args] = this.command(fds.map((_, index) => 3 + index));
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit", ...fds] });
    child.on("error", this.#failed);
    child.on("exit", (code, signal) => this.#failed(new Error(`The guest has ended: ${signal ?? code}`)));
    this.spawned(child.pid!);
  }

  thread(fds: readonly number[] = []): Thread {
    const thread = startThread(THREAD, this.#failed);
    this.#stops.push(() => thread.stop());
    thread.post({ ...this.hand, fds });
    return thread;
  }

  command(fds: readonly number[] = []): [string, string[]] {
    const hand = JSON.stringify({ ...this.hand, fds });
    return [process.execPath, [...SCRIPT_ARGUMENTS[this.#runtime]!, PROCESS, hand]];
  }

  spawned(pid: number): void {
    this.pids.push(pid);
  }

  /** Ends every guest. */
  stop(): void {
    for (const pid of this.pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended already.
      }
    }
    for (const stop of this.#stops) stop();
  }
}
