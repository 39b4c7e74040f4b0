/** Reads nothing until its standard input ends, then everything; prints how many chunks and bytes there were. */

import process from "node:process";
import { SocketEnd } from "../../mod.ts";

const end = SocketEnd.from(3);
console.log("waiting");
await new Promise((go) => process.stdin.resume().once("end", go));
let chunks = 0;
let bytes = 0;
for await (const chunk of end.readable) {
  chunks += 1;
  bytes += chunk.byteLength;
}
console.log(`${chunks} ${bytes}`);
