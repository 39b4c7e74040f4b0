/**
 * A pipeline with progress: the bytes go through this process once, and are counted on their way.
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/recipes/progress.ts
 *   bun examples/recipes/progress.ts
 *   node examples/recipes/progress.ts
 */

import { socketpair } from "@socketpair/streams";
import { pipeline } from "@socketpair/streams/process";

let total = 0;
let next = 0;
const counted = new TransformStream<Uint8Array, Uint8Array>({
  transform(bytes, controller) {
    total += bytes.byteLength;
    for (; total >= next; next += 1_000_000) console.log(`${next / 1_000_000} of 4 MB`);
    controller.enqueue(bytes);
  },
});

const [made, stdout] = socketpair();
const [input, stdin] = socketpair();
const first = pipeline(["yes", "a line"], ["head", "-c", "4000000"], { stdout });
const second = pipeline(["wc", "-l"], ["cat"], { stdin });
await made.readable.pipeThrough(counted).pipeTo(input.writable);
await second.statuses;
console.log((await first.statuses).map(({ signal, code }) => signal ?? code));
