import type { Bytes, Each, Port } from "../port.ts";

/** A port over any pair of Web Streams. */
export function streamPort(readable: ReadableStream<Bytes>, writable: WritableStream): Port {
  const writer = writable.getWriter();
  return { send: (bytes) => writer.write(bytes), receive: (each) => readAll(readable, each) };
}

/** Reads as a user does. */
export async function readAll<T>(
  readable: ReadableStream<T>,
  each: (chunk: T) => void | Promise<unknown>,
): Promise<void> {
  const reader = readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const wait = each(value);
    if (wait !== undefined) await wait;
  }
}

/** One buffer, lent to the stream and taken back with every read. */
export async function readWithBuffer(readable: ReadableStream<Bytes>, each: Each): Promise<void> {
  const reader = readable.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(64 * 1024);
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(buffer));
    if (done) return;
    const wait = each(value);
    if (wait !== undefined) await wait;
    buffer = value.buffer;
  }
}
