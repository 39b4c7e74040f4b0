/**
 * An array of buffers is one record: the kernel gathers a header and a body that lie apart, nothing is copied together.
 *
 *   deno run --allow-ffi examples/gathering.ts
 *   bun examples/gathering.ts
 *   node examples/gathering.ts
 */

import { socketpair } from "@socketpair/streams";

await using pair = socketpair({ type: "seqpacket" });
const [left, right] = pair;

const header = new DataView(new ArrayBuffer(8));
const body = new TextEncoder().encode("the body");
header.setUint32(0, 1); // the kind of message
header.setUint32(4, body.byteLength);

const writer = left.writable.getWriter();
await writer.write([header, body]);
await writer.close();

for await (const record of right.readable) {
  const view = new DataView(record.buffer);
  const text = new TextDecoder().decode(record.subarray(8));
  console.log(`${record.byteLength} bytes: kind ${view.getUint32(0)}, length ${view.getUint32(4)}, "${text}"`);
}
