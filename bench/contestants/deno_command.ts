/** `Deno.Command` with pipes: the child's stdin and stdout. */

import { FramedPort } from "../framed.ts";
import type { Contestant, Hand, Port } from "../port.ts";
import { streamPort } from "./_streams.ts";

function portOf(readable: ReadableStream<Uint8Array<ArrayBuffer>>, writable: WritableStream, hand: Hand): Port {
  const port = streamPort(readable, writable);
  return hand.workload === "W2" ? new FramedPort(port) : port;
}

/** The contestant. */
export function contestant(): Contestant {
  return {
    connect(launcher) {
      const [program, args] = launcher.command();
      const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped" }).spawn();
      launcher.spawned(child.pid);
      return Promise.resolve([portOf(child.stdout, child.stdin, launcher.hand)]);
    },
    accept: (hand) => Promise.resolve([portOf(Deno.stdin.readable, Deno.stdout.writable, hand)]),
  };
}
