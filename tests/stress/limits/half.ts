/** Sends the given bytes on its descriptor 3, as hexadecimal, then so many zeros, and waits to be killed. */

import { Buffer } from "node:buffer";
import process from "node:process";
import { write } from "../../../ffi/mod.ts";

const [prefix = "", zeros = "0"] = process.argv.slice(2);
const bytes = Buffer.concat([Buffer.from(prefix, "hex"), Buffer.alloc(Number(zeros))]);
for (let sent = 0; sent < bytes.length;) sent += write(3, bytes.subarray(sent));
console.log("waiting");
setInterval(() => {}, 1000);
