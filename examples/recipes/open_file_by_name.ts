/**
 * An open file for another process, which knows only a name: it connects, and is sent the descriptor. A TCP connection goes the same
 * way, by the number of its descriptor. The name is abstract: behind a NUL, and no file.
 *
 *   deno run --allow-ffi --allow-read --allow-run --allow-env examples/recipes/open_file_by_name.ts
 *   bun examples/recipes/open_file_by_name.ts
 *   node examples/recipes/open_file_by_name.ts
 */

import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import process from "node:process";
import { listen } from "@socketpair/streams/unix";

const OTHER = `
import os, socket, sys
client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
client.connect("\\0" + sys.argv[1])
what, descriptors, _, _ = socket.recv_fds(client, 1024, 1)
with os.fdopen(descriptors[0]) as file:
    print(what.decode(), "begins with", file.readline().strip())
`;

const name = `open-file-${process.pid}`;
await using server = listen({ path: `\0${name}`, type: "seqpacket", chunks: "messages" });
const other = spawn("python3", ["-c", OTHER, name], { stdio: ["ignore", "inherit", "inherit"] });

await using end = (await server.accept())!;
console.log("it is the process that was started:", end.peerCredentials().pid === other.pid);
const file = await open(new URL(import.meta.url));
const writer = end.writable.getWriter();
await writer.write({ data: new TextEncoder().encode("this example"), descriptors: [file] });
await file.close(); // the other has its own
await new Promise((resolve) => other.on("close", resolve));
