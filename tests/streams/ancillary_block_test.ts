/** When the queue is full a message waits, and its descriptors are sent when it is, once. */

import { type ReceivedMessage, SocketEnd, socketpair, type SocketType } from "../../mod.ts";
import { assert, delay, type MessageEnd, test } from "../_support.ts";
import { openFile } from "../peers/_sockets.ts";

const COUNT = 40;

/** Two bytes that number a message, and a lot behind them. */
function data(number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(3000);
  new DataView(bytes.buffer).setUint16(0, number);
  return bytes;
}

/** Reads slowly, so that the writer meets a full queue again and again. */
async function receive(end: MessageEnd, count: number): Promise<ReceivedMessage["descriptors"][number][]> {
  const received = [];
  const reader = end.readable.getReader();
  while (received.length < count) {
    received.push(...(await reader.read()).value!.descriptors);
    await delay(1);
  }
  return received;
}

for (const type of ["stream", "dgram", "seqpacket"] as const satisfies SocketType[]) {
  test(`writable that has to wait sends every descriptor once, and in order: ${type}`, async () => {
    await using pair = socketpair({ type, chunks: "messages", sendBufferSize: 4608 });
    const inner = Array.from({ length: COUNT }, () => socketpair());
    const files = inner.map(([, theirs]) => openFile(theirs.fd));
    const writer = pair[0].writable.getWriter();
    const writes = inner.map(([, theirs], number) => writer.write({ data: data(number), descriptors: [theirs] }));
    // Those that wait still have their ends here; those that are sent do not.
    await delay(5);
    const waiting = inner.filter(([, theirs]) => theirs.fd !== -1).length;
    assert.ok(waiting > 0 && waiting < COUNT, `${waiting} of ${COUNT} wait`);
    const received = await receive(pair[1], COUNT);
    await Promise.all(writes);
    assert.deepEqual(received.map(({ fd }) => openFile(fd)), files);
    for (const descriptor of received) descriptor.close();
    for (const [mine, theirs] of inner) {
      assert.equal(theirs.fd, -1);
      assert.equal((await mine.readable.getReader().read()).done, true);
      await mine.close();
    }
  });

  test(`writable that waits and is aborted leaves the ends that were not sent: ${type}`, async () => {
    const pair = socketpair({ type, chunks: "messages", sendBufferSize: 4608 });
    const writer = pair[0].writable.getWriter();
    const inner = Array.from({ length: COUNT }, () => socketpair());
    const writes = inner.map(([, theirs], number) => writer.write({ data: data(number), descriptors: [theirs] }));
    const settled = Promise.allSettled(writes);
    await delay(5);
    await pair[0].close(new Error("no more")).catch(() => {});
    const outcomes = (await settled).map(({ status }) => status);
    await pair[1].close();
    for (const [index, [mine, theirs]] of inner.entries()) {
      const kept = theirs.fd !== -1;
      // A message of a stream may be on its way in part: its descriptors are gone although its write failed.
      if (type !== "stream") assert.equal(kept, outcomes[index] === "rejected");
      if (kept) await theirs.close();
      assert.equal((await mine.readable.getReader().read()).done, true);
      await mine.close();
    }
  });

  test(`writable that waits refuses an end that was closed or used meanwhile: ${type}`, async () => {
    await using pair = socketpair({ type, chunks: "messages", sendBufferSize: 4608 });
    const writer = pair[0].writable.getWriter();
    const inner = socketpair();
    const writes = Array.from({ length: 20 }, (_, number) => writer.write({ data: data(number) }));
    const last = writer.write({ data: data(20), descriptors: [inner[1]] });
    const refusal = assert.rejects(last, { message: "Cannot send the end: the end is closed" });
    await inner[1].close();
    const reader = pair[1].readable.getReader();
    for (let length = 0; length < 20 * 3000;) length += (await reader.read()).value!.data.length;
    await Promise.all(writes);
    await refusal;
    await inner[0].close();
  });
}

test("writable does not send an end on while a message with it waits twice", async () => {
  await using pair = socketpair({ type: "seqpacket", chunks: "messages", sendBufferSize: 4608 });
  const [mine, theirs] = socketpair();
  const file = openFile(theirs.fd);
  const writer = pair[0].writable.getWriter();
  const first = Array.from({ length: 10 }, (_, number) => writer.write({ data: data(number) }));
  const sent = writer.write({ data: data(10), descriptors: [theirs] });
  const again = assert.rejects(writer.write({ data: data(11), descriptors: [theirs] }), TypeError);
  const [received] = await receive(pair[1], 1);
  await Promise.all([...first, sent, again]);
  assert.equal(openFile(received!.fd), file);
  await using end = SocketEnd.from(received!.detach());
  assert.equal(end.type, "stream");
  await mine.close();
});
