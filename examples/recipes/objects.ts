/**
 * Text and objects as the chunks of streams, a record each: text, JSON, which every language reads, and the structured clone of
 * node:v8, which keeps Map, Date and views.
 *
 *   deno run --allow-ffi examples/recipes/objects.ts
 *   bun examples/recipes/objects.ts
 *   node examples/recipes/objects.ts
 */

import { deserialize, serialize } from "node:v8";
import { type SocketEnd, socketpair } from "@socketpair/streams";

interface Codec<Value> {
  encode(value: Value): Uint8Array;
  decode(record: Uint8Array): Value;
}

// Not TextEncoderStream and TextDecoderStream: they lose empty texts, and where one text ends.
const text: Codec<string> = {
  encode: (value) => new TextEncoder().encode(value),
  decode: (record) => new TextDecoder().decode(record),
};
const json: Codec<unknown> = {
  encode: (value) => text.encode(JSON.stringify(value)),
  decode: (record) => JSON.parse(text.decode(record)),
};
const clone: Codec<unknown> = { encode: serialize, decode: deserialize };

/** An end's streams with values as their chunks. */
function streamsOf<Value>(end: SocketEnd, { encode, decode }: Codec<Value>) {
  const encoder = new TransformStream<Value, Uint8Array>({ transform: (value, to) => to.enqueue(encode(value)) });
  const decoder = new TransformStream<Uint8Array, Value>({ transform: (record, to) => to.enqueue(decode(record)) });
  void encoder.readable.pipeTo(end.writable).catch(() => {}); // the writer is told
  return { readable: end.readable.pipeThrough(decoder), writable: encoder.writable };
}

/** Sends values through a pair, and gives what has come. */
async function sent<Value>(codec: Codec<Value>, ...values: Value[]): Promise<Value[]> {
  await using pair = socketpair({ type: "seqpacket" });
  const [left, right] = [streamsOf(pair[0], codec), streamsOf(pair[1], codec)];
  const sending = ReadableStream.from(values).pipeTo(left.writable);
  const [received] = await Promise.all([Array.fromAsync(right.readable), sending]);
  return received;
}

console.log((await sent(text, "two\nlines", "")).length, "texts");
for (const codec of [json, clone]) {
  const [value] = await sent(codec, { at: new Date(0) }) as { at: unknown }[];
  console.log(value!.at instanceof Date ? "a Date" : `the text ${value!.at}`);
}
