/** Aborts calls whose buffers are gone. No listener of an end may throw: no code of its user could catch that. */

import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { type Chunk, type SocketEnd, socketpair } from "../../mod.ts";

let uncaught = 0;
for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, (error: Error) => {
    uncaught += 1;
    console.log(`${event}: ${error?.stack}`);
  });
}

const gone = (buffer: ArrayBuffer): void => void structuredClone(buffer, { transfer: [buffer] });
const SIZE = 1_000_000;
const chunks: Record<string, (buffer: ArrayBuffer) => Chunk> = {
  view: (buffer) => new Uint8Array(buffer),
  data: (buffer) => new DataView(buffer),
  parts: (buffer) => [new Uint8Array(10), new Uint8Array(buffer)],
  buffer: (buffer) => buffer,
  later: (buffer) => {
    let asked = 0;
    return Object.defineProperty([new Uint8Array(buffer)], 0, {
      get() {
        asked += 1;
        if (asked > 4) throw new Error("a getter that fails later");
        return new Uint8Array(buffer);
      },
    });
  },
};

for (const options of [{}, { framing: "uint32le" }, { type: "seqpacket" }] as const) {
  for (const [name, chunkOf] of Object.entries(chunks)) {
    for (const spoil of [gone, (buffer: ArrayBuffer) => buffer.resizable && buffer.resize(5)]) {
      const pair = socketpair({ ...options, sendBufferSize: 16_384 }) as unknown as [SocketEnd, SocketEnd];
      const size = "type" in options ? 20_000 : SIZE;
      const buffer = new ArrayBuffer(size, { maxByteLength: size });
      const writes = [0, 1, 2].map((_, index) => {
        const control = new AbortController();
        const chunk = index < 2 ? chunkOf(buffer) : new Uint8Array(10);
        const write = pair[0].write(chunk, { signal: control.signal }).then(() => "resolved", () => "rejected");
        return { control, write };
      });
      await delay(2);
      spoil(buffer);
      // The part that the kernel has cannot be made whole any more.
      for (const { control } of writes) control.abort(new Error("aborted"));
      const ended = await Promise.race([Promise.all(writes.map(({ write }) => write)), delay(2000, "hangs")]);
      if (ended === "hangs") console.log(`${JSON.stringify(options)} ${name}: a write hangs`);
      pair[0].close(new Error("over")).catch(() => {});
      await pair[1].close().catch(() => {});
      await delay(1);
    }
  }
}
console.log(uncaught === 0 ? "none" : `${uncaught} exceptions`);
process.exit(uncaught === 0 ? 0 : 1);
