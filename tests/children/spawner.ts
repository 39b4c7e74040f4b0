/** Adopts descriptor 3, starts a process that outlives it, and ends. Prints that process's id. */

import { spawn } from "node:child_process";
import { SocketEnd } from "../../mod.ts";

const end = SocketEnd.from(3);
const child = spawn("sleep", ["10"], { stdio: "ignore", detached: true });
child.unref();
console.log(child.pid);
await end.writable.getWriter().write(new Uint8Array([1]));
