/** `Bun.spawn` with pipes: the child's stdin and stdout. */

import type { Contestant, Launcher, Port } from "../port.ts";
import { readAll } from "./_streams.ts";

interface Sink {
  write(bytes: Uint8Array): number | Promise<number>;
  flush(): number | Promise<number>;
}

type Readable = ReadableStream<Uint8Array<ArrayBuffer>>;

const { Bun } = globalThis as unknown as {
  Bun: {
    spawn(cmd: string[], options: { stdin: "pipe"; stdout: "pipe"; stderr: "inherit" }): {
      pid: number;
      stdin: Sink;
      stdout: Readable;
    };
    stdin: { stream(): Readable };
    stdout: { writer(): Sink };
  };
};

const portOf = (readable: Readable, sink: Sink): Port => ({
  async send(bytes) {
    await sink.write(bytes);
    await sink.flush();
  },
  receive: (each) => readAll(readable, each),
});

/** The contestant. */
export function contestant(): Contestant {
  return {
    host(launcher: Launcher) {
      const [program, args] = launcher.command();
      const child = Bun.spawn([program, ...args], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
      launcher.started(child.pid);
      return Promise.resolve(portOf(child.stdout, child.stdin));
    },
    guest: () => Promise.resolve(portOf(Bun.stdin.stream(), Bun.stdout.writer())),
  };
}
