/**
 * Programs whose records end with a byte: NUL, as `find -print0` writes and `xargs -0` reads, or a line's end. `@std/streams`
 * finds them; `deno add jsr:@std/streams`, `bunx jsr add @std/streams` and `npx jsr add @std/streams` install it.
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/recipes/delimiters.ts
 *   bun examples/recipes/delimiters.ts
 *   node examples/recipes/delimiters.ts
 */

import { pipeline } from "@socketpair/streams/process";
import { DelimiterStream, TextLineStream } from "@std/streams";

// Bytes: a file's name may have a line's end in it, and need not be text.
const names = pipeline(["printf", "a name\\0with a line\\nin it\\0"], { stdout: "pipe" });
const records = names.stdout.readable.pipeThrough(new DelimiterStream(new Uint8Array([0])));

// To another such program: a NUL behind each.
const counted = pipeline(["xargs", "-0", "-n", "1", "printf", "%s!\n"], { stdin: "pipe", stdout: "pipe" });
const ended = new TransformStream<Uint8Array, Uint8Array>({
  transform(name, controller) {
    if (name.byteLength > 0) controller.enqueue(new Uint8Array([...name, 0]));
  },
});
const sent = records.pipeThrough(ended).pipeTo(counted.stdin.writable);

// Lines: text, in pieces of any size.
const text = counted.stdout.readable.pipeThrough(new TextDecoderStream());
for await (const line of text.pipeThrough(new TextLineStream())) console.log(line);
await sent;
