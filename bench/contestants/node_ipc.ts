/** `fork` of node:child_process, in the serialization that carries bytes. */

import { spawn } from "node:child_process";
import process from "node:process";
import type { Contestant } from "../port.ts";
import { messagePort } from "./_messages.ts";

/** The contestant. */
export function contestant(): Contestant {
  return {
    connect(launcher) {
      const [program, args] = launcher.command();
      // What fork does, with the same program.
      const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit", "ipc"], serialization: "advanced" });
      launcher.spawned(child.pid!);
      return Promise.resolve([
        messagePort(
          {
            post: (message) => void child.send(message as object),
            listen: (listener) => void child.on("message", listener),
          },
          launcher.hand.workload,
        ),
      ]);
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
