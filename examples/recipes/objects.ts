/**
 * Objects over records: JSON, which every language reads, and the structured clone of node:v8, which keeps Map, Date and views.
 *
 *   deno run --allow-ffi examples/recipes/objects.ts
 *   bun examples/recipes/objects.ts
 *   node examples/recipes/objects.ts
 */

import { deserialize, serialize } from "node:v8";
import { socketpair } from "@socketpair/streams";

const json = {
  encode: (value: unknown) => new TextEncoder().encode(JSON.stringify(value)),
  decode: (record: Uint8Array) => JSON.parse(new TextDecoder().decode(record)),
};
const clone = { encode: serialize, decode: deserialize };

for (const [name, { encode, decode }] of Object.entries({ json, clone })) {
  await using pair = socketpair({ type: "seqpacket" });
  const [left, right] = pair;
  for (const value of [{ id: 1, tags: ["a", "b"] }, { at: new Date(0) }]) await left.write(encode(value));
  await left.closeWrite();
  for await (const record of right.readable) {
    const { id, at } = decode(record);
    console.log(`${name}: ${id ?? (at instanceof Date ? "a Date" : `the text ${at}`)}`);
  }
}
