/** `closeRead()`: nothing more is received than what has arrived. The other direction lives on. */

import { type SocketEnd, socketpair, type SocketPairOptions } from "../../mod.ts";
import { watched } from "../_epoll.ts";
import { assert, test } from "../_support.ts";
import { numberOf } from "../_waiting.ts";

const KINDS = {
  stream: { type: "stream" },
  seqpacket: { type: "seqpacket" },
  dgram: { type: "dgram" },
  framed: { framing: "uint32le" },
} as const satisfies Record<string, SocketPairOptions>;
const EPIPE = { name: "SocketError", code: "EPIPE" };

const [ARRIVED, LATE] = [new Uint8Array([1, 2, 3]), new Uint8Array([4])];

async function write(end: SocketEnd, ...chunks: Uint8Array[]): Promise<void> {
  for (const chunk of chunks) await end.write(chunk);
  await end.flush();
}

/** How what has arrived can be read to the end. */
const WAYS: Record<string, (end: SocketEnd) => Promise<number[]>> = {
  "read()": async (end) => {
    const found: number[] = [];
    const buffer = new Uint8Array(10);
    for (let count = await end.read(buffer); count !== null; count = await end.read(buffer)) {
      found.push(...buffer.subarray(0, count));
    }
    return found;
  },
  "a reader": async (end) => {
    const found: number[] = [];
    const reader = end.readable.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) found.push(...next.value);
    await reader.closed;
    return found;
  },
  "for await": async (end) => {
    const found: number[] = [];
    for await (const chunk of end.readable) found.push(...chunk);
    return found;
  },
};

for (const [kind, options] of Object.entries(KINDS)) {
  for (const [way, read] of Object.entries(WAYS)) {
    test(`closeRead() ${kind}: what has arrived is delivered, then the end, by ${way}`, async () => {
      await using pair = socketpair(options);
      const [ours, theirs] = pair;
      await write(theirs, ARRIVED);
      ours.closeRead();
      await assert.rejects(write(theirs, LATE), EPIPE);
      assert.deepEqual(await read(ours), [...ARRIVED]);
      await write(ours, LATE);
      assert.equal(await theirs.read(new Uint8Array(10)), 1);
    });
  }

  test(`closeRead() ${kind}: reads that wait end at once, in both ways`, async () => {
    await using pair = socketpair(options);
    const calls = [1, 2].map(() => pair[0].read(new Uint8Array(10)));
    const reading = pair[1].readable.getReader().read();
    await watched(pair[0], "read");
    pair[0].closeRead();
    pair[1].closeRead();
    assert.deepEqual(await Promise.all(calls), [null, null]);
    assert.equal((await reading).done, true);
  });

  test(`closeRead() ${kind}: again it does nothing, nor after cancel() or close()`, async () => {
    const [ours, theirs] = socketpair(options);
    await write(theirs, ARRIVED);
    ours.closeRead();
    ours.closeRead();
    assert.equal(await ours.read(new Uint8Array(10)), 3);
    assert.equal(await ours.read(new Uint8Array(10)), null);
    ours.closeRead();
    await theirs.readable.cancel();
    theirs.closeRead();
    await Promise.all([ours.close(), theirs.close()]);
    ours.closeRead();
    await Promise.all([ours.closed, theirs.closed]);
  });

  test(`closeRead() ${kind}: with closeWrite() it closes the descriptor once the queue is empty`, async () => {
    await using pair = socketpair(options);
    const [ours, theirs] = pair;
    ours.closeRead();
    await ours.closeWrite();
    await ours.closed;
    assert.equal(numberOf(ours), -1);

    await using second = socketpair(options);
    await write(second[1], ARRIVED);
    second[0].closeRead();
    await second[0].closeWrite();
    assert.ok(numberOf(second[0]) > 2);
    assert.equal(await second[0].read(new Uint8Array(10)), 3);
    assert.equal(await second[0].read(new Uint8Array(10)), null);
    await second[0].closed;
    await theirs.close().catch(() => {});
  });

  test(`closeRead() ${kind}: allowHalfOpen: false does not end the sending direction`, async () => {
    await using pair = socketpair({ ...options, allowHalfOpen: false });
    const [ours, theirs] = pair;
    ours.closeRead();
    assert.equal(await ours.read(new Uint8Array(1)), null);
    await write(ours, ARRIVED);
    assert.equal(await theirs.read(new Uint8Array(10)), 3);
  });
}
