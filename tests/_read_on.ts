import { type Detached, SocketEnd } from "../mod.ts";
import { Buffer } from "node:buffer";
import { delay } from "./_support.ts";

/** What the next owner reads, beginning with what was given back, until it has so many bytes or there are no more. */
export async function readOn({ fd, unread }: Detached, length: number): Promise<Uint8Array> {
  await using end = SocketEnd.from(fd, { unread });
  const reader = end.readable.getReader();
  const chunks: Uint8Array[] = [];
  for (let got = 0; got < length; got += chunks.at(-1)!.byteLength) {
    const next = await Promise.race([reader.read(), delay(500, undefined)]);
    if (next === undefined) break;
    chunks.push(next.value!);
  }
  return Buffer.concat(chunks);
}
