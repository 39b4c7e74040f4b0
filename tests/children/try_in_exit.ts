/** Sends a record in its exit handler, by itself or with the framing of the argument, reads it there, and prints it. */

import { writeSync } from "node:fs";
import process from "node:process";
import { socketpair, type SocketPairOptions } from "../../mod.ts";

const framing = process.argv[2] as SocketPairOptions["framing"];
const [left, right] = socketpair(framing === undefined ? { type: "seqpacket" } : { framing });
process.on("exit", () => {
  left.tryWrite(new TextEncoder().encode("last words"));
  const buffer = new Uint8Array(100);
  writeSync(1, buffer.subarray(0, right.tryRead(buffer)!));
});
process.exit(0);
