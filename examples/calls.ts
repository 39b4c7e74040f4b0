/**
 * Calls in place of streams: one buffer for all reads, no allocation per record, and a timeout for one of them.
 *
 *   deno run --allow-ffi examples/calls.ts
 *   bun examples/calls.ts
 *   node examples/calls.ts
 */

import { socketpair } from "@socketpair/streams";

await using pair = socketpair({ type: "seqpacket" });
const [left, right] = pair;
const buffer = new Uint8Array(16);

for (const text of ["a record", "", "one that is too long"]) await left.write(new TextEncoder().encode(text));

console.log(await right.read(buffer)); // 8
console.log(await right.read(buffer)); // 0: an empty record
await right.read(buffer).catch((error) => console.log(error.message));
console.log(await right.read(new Uint8Array(64))); // 20: it has stayed

try {
  await right.read(buffer, { signal: AbortSignal.timeout(50) });
} catch (error) {
  console.log((error as Error).name); // and nothing is lost by it
}
await left.write(new Uint8Array([1, 2, 3]));
console.log(await right.read(buffer)); // 3
await left.closeWrite();
console.log(await right.read(buffer)); // null: the end
