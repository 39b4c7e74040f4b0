/**
 * Programs in a row, as `... | sort | uniq -c` in a shell. The bytes between them stay in the kernel; the first and the last
 * end are ours.
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/handover/pipeline.ts
 *   bun examples/handover/pipeline.ts
 *   node examples/handover/pipeline.ts
 */

import { socketpair } from "@socketpair/streams";
import { pipeline } from "@socketpair/streams/process";

const [input, stdin] = socketpair();
const [output, stdout] = socketpair();
const { statuses } = pipeline(["tr", "a-z", "A-Z"], ["sort"], ["uniq", "-c"], { stdin, stdout });

const writer = input.writable.getWriter();
for (const word of ["to", "be", "or", "not", "to", "be"]) await writer.write(new TextEncoder().encode(`${word}\n`));
await writer.close();

for await (const text of output.readable.pipeThrough(new TextDecoderStream())) console.log(text.trimEnd());
for (const { command, code } of await statuses) console.log(`${command.join(" ")} exited with ${code}`);
await Promise.all([input.close(), output.close()]);
