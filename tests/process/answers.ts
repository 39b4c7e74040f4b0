/** A child that answers by the end which it was given, and by the channel of "ipc". */

import process from "node:process";
import { SocketEnd } from "../../mod.ts";

const end = SocketEnd.inherited();
const writer = end.writable.getWriter();
await writer.write(new TextEncoder().encode(`by descriptor ${end.fd}`));
await end.close();
await new Promise((resolve) => process.send!({ by: "ipc" }, undefined, undefined, resolve));
process.disconnect!();
