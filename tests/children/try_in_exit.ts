/** Sends a record in its exit handler, reads it there, and prints it. */

import { writeSync } from "node:fs";
import process from "node:process";
import { socketpair } from "../../mod.ts";

const [left, right] = socketpair({ type: "seqpacket" });
process.on("exit", () => {
  left.tryWrite(new TextEncoder().encode("last words"));
  const buffer = new Uint8Array(100);
  writeSync(1, buffer.subarray(0, right.tryRead(buffer)!));
});
process.exit(0);
