/** Descriptors on a byte stream ride on the first byte of their message, wherever the chunks end. */

import { socketpair } from "../../mod.ts";
import { assert, delay, type MessageEnd, test } from "../_support.ts";
import { openFile } from "../peers/_sockets.ts";

/** What arrived until the end: all bytes, and at which of them descriptors were there at the latest. */
async function receiveAll(end: MessageEnd): Promise<{ bytes: number[]; arrivals: [before: number, file: string][] }> {
  const bytes: number[] = [];
  const arrivals: [number, string][] = [];
  for await (const { data, descriptors } of end.readable) {
    bytes.push(...data);
    for (const descriptor of descriptors) {
      arrivals.push([bytes.length, openFile(descriptor.fd)]);
      descriptor.close();
    }
  }
  return { bytes, arrivals };
}

test("readable of a stream gives descriptors with their byte, not before it", async () => {
  await using pair = socketpair({ chunks: "messages" });
  using marks = socketpair();
  const writer = pair[0].writable.getWriter();
  await writer.write({ data: new Uint8Array([1, 2, 3]) });
  await writer.write({ data: new Uint8Array([4, 5]), descriptors: [marks[0].fd] });
  await writer.write({ data: new Uint8Array([6]) });
  await writer.write({ data: new Uint8Array([7, 8]), descriptors: [marks[1].fd] });
  await writer.close();
  const { bytes, arrivals } = await receiveAll(pair[1]);
  assert.deepEqual(bytes, [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(arrivals, [[5, openFile(marks[0].fd)], [8, openFile(marks[1].fd)]]);
});

test("readable of a stream never mixes the descriptors of two messages in one chunk", async () => {
  await using pair = socketpair({ chunks: "messages" });
  const writer = pair[0].writable.getWriter();
  const message = { data: new Uint8Array(10), descriptors: [0, 0] };
  for (let count = 0; count < 20; count += 1) await writer.write(message);
  await writer.close();
  const counts: number[] = [];
  for await (const { data, descriptors } of pair[1].readable) {
    counts.push(data.length, descriptors.length);
    for (const descriptor of descriptors) descriptor.close();
  }
  assert.deepEqual(counts, Array(20).fill([10, 2]).flat());
});

test("writable of a stream sends descriptors once with a message of many calls, all of whose bytes arrive", async () => {
  await using pair = socketpair({ chunks: "messages", sendBufferSize: 4608 });
  using mark = socketpair();
  const writer = pair[0].writable.getWriter();
  const data = new Uint8Array(500_000).map((_, index) => index % 251);
  const writing = writer.write({ data: [data.subarray(0, 7), data.subarray(7)], descriptors: [mark[0].fd] })
    .then(() => writer.close());
  const { bytes, arrivals } = await receiveAll(pair[1]);
  await writing;
  assert.deepEqual(new Uint8Array(bytes), data);
  assert.deepEqual(arrivals.map(([, file]) => file), [openFile(mark[0].fd)]);
  assert.ok(arrivals[0]![0] < 100_000, "they came with the first bytes");
});

test("writable of a stream whose peer leaves in the middle of a message frees its descriptors", async () => {
  const [left, right] = socketpair({ chunks: "messages", sendBufferSize: 4608 });
  const [mine, theirs] = socketpair();
  const writing = left.writable.getWriter().write({ data: new Uint8Array(500_000), descriptors: [theirs] });
  const failing = assert.rejects(writing, { name: "SocketError" });
  await delay(5);
  assert.equal(theirs.fd, -1);
  await right.close();
  await failing;
  assert.equal((await mine.readable.getReader().read()).done, true);
  await Promise.all([mine.close(), left.close().catch(() => {})]);
});
