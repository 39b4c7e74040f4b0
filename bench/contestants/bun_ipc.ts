/** `Bun.spawn` with `ipc`, in the serialization that carries bytes. */

import process from "node:process";
import type { Contestant } from "../port.ts";
import { messagePort } from "./_messages.ts";

interface Subprocess {
  readonly pid: number;
  send(message: unknown): void;
}

const { Bun } = globalThis as unknown as {
  Bun: {
    spawn(options: {
      cmd: string[];
      stdio: [string, string, string];
      serialization: "advanced";
      ipc(message: unknown): void;
    }): Subprocess;
  };
};

/** The contestant. */
export function contestant(): Contestant {
  return {
    connect(launcher) {
      const [program, args] = launcher.command();
      let listener = (_message: unknown) => {};
      const child = Bun.spawn({
        cmd: [program, ...args],
        stdio: ["ignore", "ignore", "inherit"],
        serialization: "advanced",
        ipc: (message) => listener(message),
      });
      launcher.spawned(child.pid);
      const post = (message: unknown) => child.send(message);
      return Promise.resolve([messagePort({ post, listen: (next) => listener = next }, launcher.hand.workload)]);
    },
    accept: (hand) =>
      Promise.resolve([
        messagePort(
          { post: (message) => void process.send!(message), listen: (listener) => process.on("message", listener) },
          hand.workload,
        ),
      ]),
  };
}
