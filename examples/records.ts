/**
 * A pair of type "seqpacket" carries records: each arrives whole and alone, in order, the empty ones too.
 *
 *   deno run --allow-ffi examples/records.ts
 *   bun examples/records.ts
 *   node examples/records.ts
 */

import { socketpair } from "@socketpair/streams";

await using pair = socketpair({ type: "seqpacket" });
const [left, right] = pair;

const writer = left.writable.getWriter();
for (const text of ["first", "", "a third, longer one", ""]) await writer.write(new TextEncoder().encode(text));
await writer.close();

for await (const record of right.readable) {
  console.log(`${record.byteLength} bytes: "${new TextDecoder().decode(record)}"`);
}
console.log("end");
