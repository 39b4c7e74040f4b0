/**
 * The other end can be any program: here `cat`, which has it as standard input and as standard output.
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/child_process.ts
 *   bun examples/child_process.ts
 *   node examples/child_process.ts
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { socketpair } from "@socketpair/streams";
import { close } from "@socketpair/streams/ffi";

const [ours, theirs] = socketpair();

const { fd } = theirs.detach(); // from here on the descriptor is ours to close
const child = spawn("cat", [], { stdio: [fd, fd, "inherit"] });
close(fd); // the child has its own; with this one open the end of the stream would never come
const exit = once(child, "exit");

const writer = ours.writable.getWriter();
await writer.write(new TextEncoder().encode("there and back again"));
await writer.close(); // cat reads to the end, and leaves

let text = "";
for await (const part of ours.readable.pipeThrough(new TextDecoderStream())) text += part;
const [code] = await exit;
console.log(`cat answered "${text}" and exited with ${code}`);
