/** For tests: text as bytes and back. */

import type { SocketEnd } from "../../mod.ts";

/** The text as UTF-8. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** UTF-8 as text. */
export function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

/** All that a stream gives until it ends, as one text. */
export async function textOf(readable: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let all = "";
  for await (const part of readable) all += decoder.decode(part, { stream: true });
  return all;
}

/** Writes all, ends the direction, and gives what comes back. */
export async function ask(end: SocketEnd, question: string): Promise<string> {
  const writer = end.writable.getWriter();
  const asking = writer.write(bytes(question)).then(() => writer.close());
  const answer = await textOf(end.readable);
  await asking;
  return answer;
}
