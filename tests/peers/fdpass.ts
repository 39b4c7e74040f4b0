import { stdioOf } from "../_support.ts";
/**
 * What ssh(1) runs with ProxyUseFdpass: it has a socket as its standard output, over which it passes the descriptor of a
 * connection. Here that is one end of a pair, of which sshd has the other. Argument: sshd's configuration.
 */

import process from "node:process";
import { SocketEnd, socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";

const ssh = SocketEnd.from(1, { chunks: "messages" });
const [forClient, forServer] = socketpair();
const sshd = spawn("/usr/sbin/sshd", ["-i", "-e", "-f", process.argv[2]!], {
  stdio: stdioOf({ 0: forServer, 1: forServer }),
  // It outlives this process, for whose end ssh waits.
  detached: true,
});
sshd.unref();
await ssh.writable.getWriter().write({ data: new Uint8Array(1), descriptors: [forClient] });
await ssh.close();
