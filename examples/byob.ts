/**
 * A reader that brings its own buffer ("BYOB") has the kernel write straight into it: one buffer serves the whole stream.
 *
 *   deno run --allow-ffi examples/byob.ts
 *   bun examples/byob.ts
 *   node examples/byob.ts
 */

import { socketpair } from "@socketpair/streams";

const [left, right] = socketpair();
const MEBIBYTE = 1024 * 1024;

async function send(): Promise<void> {
  const writer = left.writable.getWriter();
  await writer.write(new Uint8Array(MEBIBYTE).fill(7));
  await writer.close();
}

async function receive(): Promise<{ bytes: number; sum: number }> {
  const reader = right.readable.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(64 * 1024);
  let bytes = 0;
  let sum = 0;
  while (true) {
    // The stream takes the buffer and gives it back, perhaps filled in part: go on with the one that comes back.
    const { value, done } = await reader.read(new Uint8Array(buffer));
    if (done) return { bytes, sum };
    bytes += value.byteLength;
    for (const byte of value) sum += byte;
    buffer = value.buffer;
  }
}

const [{ bytes, sum }] = await Promise.all([receive(), send()]);
console.log(`${bytes} bytes through a buffer of 65536, sum ${sum}`);

await Promise.all([left.close(), right.close()]);
