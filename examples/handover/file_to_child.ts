/**
 * A child is handed an open file: it reads what this process has opened, and needs no right to open it itself.
 *
 *   deno run --allow-ffi --allow-read --allow-run --allow-env examples/handover/file_to_child.ts
 *   bun examples/handover/file_to_child.ts
 *   node examples/handover/file_to_child.ts
 */

import { closeSync, openSync } from "node:fs";
import { socketpair } from "@socketpair/streams";
import { spawn } from "@socketpair/streams/process";

const file = openSync(new URL(import.meta.url), "r");
const [ours, theirs] = socketpair();

// The file is its standard input, and an end its standard output.
spawn("head", ["-n", "2"], { stdio: [file, theirs, "inherit"] });
closeSync(file); // the child has its own

for await (const text of ours.readable.pipeThrough(new TextDecoderStream())) console.log(text.trimEnd());
await ours.close();
