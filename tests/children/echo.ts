/** Sends everything back that it receives, then ends. First argument: with which reader. */

import process from "node:process";
import { SocketEnd } from "../../mod.ts";

const end = SocketEnd.from(3);
if (process.argv[2] === "byob") {
  const reader = end.readable.getReader({ mode: "byob" });
  const writer = end.writable.getWriter();
  let buffer = new ArrayBuffer(128 * 1024);
  for (;;) {
    const { value, done } = await reader.read(new Uint8Array(buffer));
    if (done) break;
    await writer.write(value);
    buffer = value.buffer;
  }
  await writer.close();
} else {
  await end.readable.pipeTo(end.writable);
}
