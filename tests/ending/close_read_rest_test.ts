/** `closeRead()` with something in the queue: readers that bring a view, records cut in half, messages, a writer that waits. */

import { SocketEnd, socketpair } from "../../mod.ts";
import * as ffi from "../../ffi/mod.ts";
import { spend } from "../../ffi/budget.ts";
import { closeSync, openSync } from "node:fs";
import { watched } from "../_epoll.ts";
import { assert, CONNECTED, delay, test } from "../_support.ts";
import { hasQueued } from "../_waiting.ts";

const EPIPE = { name: "SocketError", code: "EPIPE" };

async function total(end: SocketEnd): Promise<number> {
  let sum = 0;
  for await (const chunk of end.readable) sum += chunk.byteLength;
  return sum;
}

test("closeRead() lets a BYOB reader read what has arrived, and ends it", async () => {
  await using pair = socketpair();
  await pair[1].write(new Uint8Array([1, 2, 3]));
  const reader = pair[0].readable.getReader({ mode: "byob" });
  pair[0].closeRead();
  assert.deepEqual((await reader.read(new Uint8Array(2))).value, new Uint8Array([1, 2]));
  assert.deepEqual((await reader.read(new Uint8Array(2))).value, new Uint8Array([3]));
  const { done, value } = await reader.read(new Uint8Array(2));
  assert.deepEqual([done, value?.byteLength], [true, 0]);
});

test("closeRead() ends a BYOB read that waits, and gives its view back", async () => {
  await using pair = socketpair();
  const reading = pair[0].readable.getReader({ mode: "byob" }).read(new Uint8Array(2));
  await watched(pair[0], "read");
  pair[0].closeRead();
  const { done, value } = await reading;
  assert.deepEqual([done, value?.buffer.byteLength], [true, 2]);
});

test("closeRead() fails a BYOB read of elements of which only a part has arrived", async () => {
  await using pair = socketpair();
  await pair[1].write(new Uint8Array([1, 2, 3]));
  const reader = pair[0].readable.getReader({ mode: "byob" });
  const first = await reader.read(new Uint16Array(1));
  assert.equal(first.value?.length, 1);
  const reading = reader.read(new Uint16Array(1));
  pair[0].closeRead();
  await assert.rejects(reading, TypeError);
  await assert.rejects(pair[0].closed, TypeError);
});

for (const type of CONNECTED) {
  test(`closeRead() ${type}: a write that waits for room fails once the rest is read`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 1 });
    const [ours, theirs] = pair;
    const writes = Array.from({ length: 20 }, () => theirs.write(new Uint8Array(2000)));
    const outcomes = Promise.allSettled(writes);
    await watched(theirs, "write");
    ours.closeRead();
    const read = await total(ours);
    const sent = (await outcomes).filter(({ status }) => status === "fulfilled").length;
    await assert.rejects(writes.at(-1)!, EPIPE);
    assert.ok(sent > 0 && read >= 2000 * sent && read < 40_000, `${read} bytes of ${sent} writes`);
    assert.equal(await ours.write(new Uint8Array(1)), 1);
  });
}

for (const owner of ["sole", "told"] as const) {
  test(`closeRead() with half a framed record, end ${owner}`, async () => {
    const [fd, peer] = ffi.socketpair(ffi.AF_UNIX, ffi.SOCK_STREAM, 0);
    const end = SocketEnd.from(fd, { framing: "uint32le" });
    if (owner === "told") assert.ok(end.fd > 2);
    ffi.write(peer, new Uint8Array([1, 0, 0, 0, 9, 100, 0, 0, 0, 1, 2]));
    end.closeRead();
    const buffer = new Uint8Array(200);
    assert.equal(await end.read(buffer), 1);
    if (owner === "sole") await assert.rejects(end.read(buffer), { code: "ERR_FRAMING_CUT" });
    // The rest may still come: it is the next owner's.
    else {
      assert.equal(await end.read(buffer), null);
      assert.deepEqual(end.detach().unread, [new Uint8Array([100, 0, 0, 0, 1, 2])]);
      ffi.close(fd);
    }
    await end.close().catch(() => {});
    ffi.close(peer);
  });
}

test("closeRead() cuts no framed record where this turn's budget is spent in the middle of it", async () => {
  await using pair = socketpair({ framing: "uint32le" });
  await pair[1].write(new Uint8Array(150_000));
  await pair[1].flush();
  const budget = 16 * 1024 * 1024;
  spend(budget);
  await delay(5);
  pair[0].closeRead();
  spend(budget - 20_000);
  assert.equal(await total(pair[0]), 150_000);
});

for (const type of CONNECTED) {
  test(`closeRead() ${type}: messages that have arrived come with their descriptors`, async () => {
    await using pair = socketpair({ type, chunks: "messages" });
    const [ours, theirs] = pair;
    const sent = openSync("/dev/zero", "r");
    const writer = theirs.writable.getWriter();
    for (const byte of [1, 2]) await writer.write({ data: new Uint8Array([byte]), descriptors: [sent] });
    closeSync(sent);
    ours.closeRead();
    assert.ok(hasQueued(ours));
    const counts: number[] = [];
    for await (const { descriptors } of ours.readable) {
      counts.push(descriptors.length);
      for (const descriptor of descriptors) descriptor.close();
    }
    assert.deepEqual(counts, [1, 1]);
    await assert.rejects(writer.write({ data: new Uint8Array(1) }), EPIPE);
  });
}
