/**
 * The helpers of `@std/streams` fit both sides of an end: lines become records, and several ends become one stream.
 *
 *   deno run --allow-ffi examples/std_streams.ts
 *
 * They come from JSR, through the import map in deno.json. `--import-map` puts another copy in their place.
 */

import { socketpair } from "@socketpair/streams";
import { mergeReadableStreams, TextLineStream, toTransformStream } from "@std/streams";

/** One record a line. A TextEncoderStream would lose the empty ones. */
function linesToRecords(): TransformStream<string, Uint8Array> {
  return toTransformStream(async function* (lines: ReadableStream<string>) {
    for await (const line of lines) yield new TextEncoder().encode(line);
  });
}

// Lines in, records out: text that comes in pieces of any size leaves as one record a line.
await using pair = socketpair({ type: "seqpacket" });
const [left, right] = pair;
const sent = ReadableStream.from(["first\nsec", "ond\n\nfou", "rth"])
  .pipeThrough(new TextLineStream())
  .pipeThrough(linesToRecords())
  .pipeTo(left.writable);
for await (const record of right.readable) console.log(`line "${new TextDecoder().decode(record)}"`);
await sent;

// Fan-in: the records of several ends, in the order in which they come; those of one end stay in order.
const pairs = [socketpair({ type: "seqpacket" }), socketpair({ type: "seqpacket" })];
const written = pairs.map(async ([end], worker) => {
  const writer = end.writable.getWriter();
  for (const number of [1, 2]) await writer.write(new TextEncoder().encode(`worker ${worker}, result ${number}`));
  await writer.close();
});
const results: string[] = [];
for await (const record of mergeReadableStreams(...pairs.map(([, end]) => end.readable))) {
  results.push(new TextDecoder().decode(record));
}
await Promise.all(written);
console.log(results.sort().join("\n"));
for (const ends of pairs) await ends[Symbol.asyncDispose]();
