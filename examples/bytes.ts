/**
 * A pair of type "stream" carries bytes: what was written in three pieces is read as text, wherever the pieces ended.
 *
 *   deno run --allow-ffi examples/bytes.ts
 *   bun examples/bytes.ts
 *   node examples/bytes.ts
 */

import { socketpair } from "@socketpair/streams";

const [left, right] = socketpair();

async function send(): Promise<void> {
  const bytes = new TextEncoder().encode("Zwölf Boxkämpfer\njagen Viktor\n");
  const writer = left.writable.getWriter();
  // The first piece ends in the middle of a letter: a stream has no boundaries that could be kept.
  for (const piece of [bytes.subarray(0, 3), bytes.subarray(3, 20), bytes.subarray(20)]) await writer.write(piece);
  await writer.close();
}

async function receive(): Promise<string> {
  let text = "";
  for await (const part of right.readable.pipeThrough(new TextDecoderStream())) text += part;
  return text;
}

const [text] = await Promise.all([receive(), send()]);
console.log(text.trimEnd());

await Promise.all([left.close(), right.close()]);
