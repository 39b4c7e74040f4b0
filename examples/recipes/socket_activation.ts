/**
 * A program that wants its socket as systemd gives it: descriptor 3, LISTEN_FDS, and its own process id as LISTEN_PID. No parent
 * knows that number before the program runs: a shell does, which then becomes the program.
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/recipes/socket_activation.ts
 *   bun examples/recipes/socket_activation.ts
 *   node examples/recipes/socket_activation.ts
 */

import process from "node:process";
import { socketpair } from "@socketpair/streams";
import { spawn } from "@socketpair/streams/process";

/** Stands for a service that systemd starts for each connection. */
const SERVICE = `
import os, socket
assert os.environ["LISTEN_PID"] == str(os.getpid()) and os.environ["LISTEN_FDS"] == "1"
connection = socket.socket(fileno=3)
connection.sendall(os.environ["LISTEN_FDNAMES"].encode() + b" says " + connection.recv(100).upper())
`;

const [ours, theirs] = socketpair();
const program = ["python3", "-c", SERVICE];
spawn("sh", ["-c", 'LISTEN_PID=$$ exec "$0" "$@"', ...program], {
  stdio: ["ignore", "inherit", "inherit", theirs],
  env: { ...process.env, LISTEN_FDS: "1", LISTEN_FDNAMES: "connection" },
});
await ours.write(new TextEncoder().encode("hello"));
for await (const bytes of ours.readable) console.log(new TextDecoder().decode(bytes)); // connection says HELLO
