/** The runtime's own messages between threads: cloned, or (W1) in a buffer of their own that is transferred. */

import type { Contestant, Thread, Workload } from "../port.ts";
import { messagePort } from "./_messages.ts";

function transferring(thread: Thread): Thread {
  return {
    listen: thread.listen,
    post(message) {
      if (!(message instanceof Uint8Array)) return thread.post(message);
      const chunk = message.slice();
      thread.post(chunk, [chunk.buffer]);
    },
  };
}

/** The contestant of that name. */
export function contestant(name: string): Contestant {
  const portOf = (thread: Thread, workload: Workload) =>
    messagePort(name === "postMessage, transfer" ? transferring(thread) : thread, workload);
  return {
    connect: (launcher) => Promise.resolve([portOf(launcher.thread(), launcher.hand.workload)]),
    accept: (hand, parent) => Promise.resolve([portOf(parent!, hand.workload)]),
  };
}
