/** One end in the soak: sends and receives at the same time, at its own pace. */

import { Buffer } from "node:buffer";
import { setTimeout as delay } from "node:timers/promises";
import type { SocketEnd } from "../../../mod.ts";
import { LAST, randomOf, recordsOf, type Report, Tally, type Task, type Total } from "./flow.ts";

/** Does what the task says, then closes the end. */
export async function play(end: SocketEnd, task: Task): Promise<Report> {
  const [sent, received] = await Promise.all([send(end, task), receive(end, task)]);
  await end.close();
  return { sent, received };
}

/** Sometimes a break, of up to so many milliseconds. */
function pauses(seed: number, share: number, most: number): () => Promise<void> | undefined {
  const random = randomOf(~seed);
  return () => random() < share ? delay(random() * most) : undefined;
}

async function send({ writable }: SocketEnd, { kind, sends, milliseconds }: Task): Promise<Total> {
  const next = recordsOf(sends, kind);
  const pause = pauses(sends, 1 / 4, 60);
  const tally = new Tally();
  const writer = writable.getWriter();
  for (const begin = performance.now(); performance.now() - begin < milliseconds;) {
    const record = next();
    await writer.write(record);
    tally.add(record);
    await pause();
  }
  if (kind === "dgram") await writer.write(new Uint8Array(LAST));
  else await writer.close();
  return tally.total();
}

async function receive({ readable }: SocketEnd, { id, kind, receives }: Task): Promise<Total> {
  const pause = pauses(receives, 1 / 32, 40);
  const tally = new Tally();
  if (kind === "stream") {
    for await (const chunk of chunksOf(readable, receives)) {
      tally.add(chunk);
      await pause();
    }
    return tally.total();
  }
  const next = recordsOf(receives, kind);
  const reader = readable.getReader();
  for (;;) {
    const { value: record } = await reader.read();
    if (record === undefined || (kind === "dgram" && record.byteLength === LAST)) return tally.total();
    const expected = next();
    if (Buffer.compare(record, expected) !== 0) {
      const { records } = tally.total();
      throw new Error(
        `${id}: record ${records} has ${record.byteLength} bytes and is not the one of ${expected.length}`,
      );
    }
    tally.add(record);
    await pause();
  }
}

/** By the default reader, or for every other seed by a BYOB reader with one buffer. */
async function* chunksOf(readable: ReadableStream<Uint8Array<ArrayBuffer>>, seed: number): AsyncIterable<Uint8Array> {
  if (seed % 2 === 0) return yield* readable;
  const reader = readable.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(10_000);
  for (;;) {
    const { value, done } = await reader.read(new Uint8Array(buffer));
    if (done) return;
    yield value;
    buffer = value.buffer;
  }
}
