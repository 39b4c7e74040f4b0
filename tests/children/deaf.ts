/** Sends three records and reads nothing, or (`reading`) waits for what never comes, until it is killed. */

import process from "node:process";
import { SocketEnd } from "../../mod.ts";

const end = SocketEnd.from(3);
const writer = end.writable.getWriter();
for (const byte of [1, 2, 3]) await writer.write(new Uint8Array([byte]));
if (process.argv[2] === "reading") end.readable.getReader().read();
console.log("waiting");
// Holds the process, and the end from the collector.
setInterval(() => end.fd, 1000);
