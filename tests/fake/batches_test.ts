/** Batches of records: what recvmmsg and sendmmsg give, give in part, and refuse. */

import type { Bytes, Chunk, SocketEnd, SocketEndOptions } from "../../mod.ts";
import { CONSTANTS, LARGEST_RECORD } from "../../ffi/systems/linux.ts";
import { isOpen } from "../_waiting.ts";
import type { FakeLibc } from "./_libc.ts";
import type { FakeSocket } from "./_socket.ts";
import {
  assert,
  code,
  codes,
  drain,
  fakeTest,
  fill,
  foreign,
  isPending,
  later,
  pattern,
  reason,
  turns,
  value,
} from "./_support.ts";

const EMPTY = new Uint8Array(0);
const BYTES = new Uint8Array([1, 2, 3]);
const large = { bufferMax: 64 * 1024 * 1024 };

/** So many records that differ in size and content, an empty one among them. */
const records = (count: number): Bytes[] => Array.from({ length: count }, (_, index) => pattern(index % 7));

/** An end whose chunks are batches. */
function batching(
  fake: FakeLibc,
  type: "seqpacket" | "dgram" = "seqpacket",
  options: SocketEndOptions = {},
): { end: SocketEnd<Bytes[], readonly Chunk[]>; own: FakeSocket; peer: FakeSocket } {
  const { end, ...others } = foreign(fake, type, { chunks: "batches", ...options });
  return { end: end as unknown as SocketEnd<Bytes[], readonly Chunk[]>, ...others };
}

for (const type of ["seqpacket", "dgram"] as const) {
  fakeTest(`read() of a batch on ${type} gives what is there, at most 32 records, by one call each`, async (fake) => {
    const { end, peer } = batching(fake, type);
    const sent = records(70);
    for (const record of sent) peer.send(record);
    const reader = end.readable.getReader();
    const batches = [await value(reader.read()), await value(reader.read()), await value(reader.read())];
    assert.deepEqual(batches.map(({ value }) => value!.length), [32, 32, 6]);
    assert.deepEqual(batches.flatMap(({ value }) => value!), sent);
    assert.equal(fake.count("recvmmsg"), 3);
    assert.equal(fake.count("recvmsg"), 0);
    await value(end.close());
  });

  fakeTest(`write() of a batch on ${type} sends up to 32 records by one call`, async (fake) => {
    const { end, peer } = batching(fake, type);
    const sent = records(70);
    await value(end.writable.getWriter().write(sent));
    assert.deepEqual(drain(peer), sent);
    assert.equal(fake.count("sendmmsg"), 3);
    assert.equal(fake.count("sendmsg"), 0);
    await value(end.close());
  });

  fakeTest(`write() of a batch on ${type} goes on behind short counts, EAGAIN and EINTR`, async (fake) => {
    const { end, peer } = batching(fake, type);
    const sent = records(40);
    fake.fail("sendmmsg", [
      { short: 1 },
      "EINTR",
      { short: 3 },
      "EAGAIN",
      "EINTR",
      { short: 5 },
      "EAGAIN",
    ]);
    await value(end.writable.getWriter().write(sent));
    assert.deepEqual(drain(peer), sent);
    await value(end.close());
  });

  fakeTest(`read() of a batch on ${type} waits on EAGAIN, outlasts EINTR and takes short counts`, async (fake) => {
    const { end, peer } = batching(fake, type);
    const sent = records(10);
    for (const record of sent) peer.send(record);
    fake.fail("recvmmsg", ["EAGAIN", "EINTR", { short: 2 }, "EAGAIN", "EINTR", "EINTR", { short: 7 }]);
    const reader = end.readable.getReader();
    const batches = [await value(reader.read()), await value(reader.read()), await value(reader.read())];
    assert.deepEqual(batches.map(({ value }) => value!.length), [2, 7, 1]);
    assert.deepEqual(batches.flatMap(({ value }) => value!), sent);
    await value(end.close());
  });

  fakeTest(`write() of a batch on ${type} waits for room in the middle of it`, async (fake) => {
    const { end, own, peer } = batching(fake, type);
    const sent = Array.from({ length: 40 }, (_, index) => new Uint8Array(20_000).fill(index));
    const write = end.writable.getWriter().write(sent);
    assert.ok(await isPending(write));
    const got: Uint8Array[] = [];
    while (got.length < 40) {
      got.push(...drain(peer));
      await turns();
    }
    await value(write);
    assert.deepEqual(got, sent);
    assert.equal(own.charged, 0);
    await value(end.close());
  });

  fakeTest(`write() of a batch on ${type} raises SO_SNDBUF for a record in the middle of it`, async (fake) => {
    const { end, peer } = batching(fake, type);
    const sent = [BYTES, pattern(300_001), EMPTY, BYTES];
    const write = end.writable.getWriter().write(sent);
    const got: Uint8Array[] = [];
    while (got.length < 4) {
      got.push(...drain(peer));
      await turns();
    }
    await value(write);
    assert.deepEqual(got, sent);
    assert.equal(fake.count("setsockopt"), 1);
    await value(end.close());
  });

  for (const errno of ["EPIPE", "ENOBUFS", "ECONNREFUSED"] as const) {
    fakeTest(`write() of a batch on ${type} rejects with ${errno} behind the records that are sent`, async (fake) => {
      const { end, peer } = batching(fake, type);
      fake.fail("sendmmsg", [{ short: 2 }, errno]);
      const writer = end.writable.getWriter();
      assert.deepEqual(await codes(writer.write(records(5)), later(writer.closed), end.closed), [errno, errno, errno]);
      assert.deepEqual(drain(peer), records(2));
      end[Symbol.dispose]();
    });
  }
}

fakeTest("write() of a batch with a record that the system forbids sends those before it", async (fake) => {
  const { end, peer } = batching(fake);
  const error = await reason(end.writable.getWriter().write([BYTES, EMPTY, new Uint8Array(500_000), BYTES]));
  assert.ok(error instanceof RangeError);
  assert.match(error.message, /500000 bytes.* 425952 bytes/);
  assert.deepEqual(drain(peer), [BYTES, EMPTY]);
  end[Symbol.dispose]();
});

fakeTest("write() of a batch with a value that is no record sends those before it", async (fake) => {
  const { end, peer } = batching(fake);
  assert.ok(await reason(end.writable.getWriter().write([BYTES, "no" as never, BYTES])) instanceof TypeError);
  assert.deepEqual(drain(peer), [BYTES]);
  end[Symbol.dispose]();
});

fakeTest("write() of a batch takes records in parts, and more than fits into the memory for copies", async (fake) => {
  const { end, peer } = batching(fake, "seqpacket");
  const parts = [[BYTES, EMPTY, pattern(5000)], [], BYTES];
  await value(end.writable.getWriter().write(parts));
  assert.deepEqual(drain(peer), [new Uint8Array([...BYTES, ...pattern(5000)]), EMPTY, BYTES]);
  await value(end.close());
});

fakeTest("write() of a batch of records in shared memory that are longer than the memory for copies", async (fake) => {
  const { end, own, peer } = batching(fake, "seqpacket");
  own.setOption(CONSTANTS.SO_SNDBUF, 64 * 1024 * 1024);
  const sent = [1, 2, 3].map((byte) => new Uint8Array(new SharedArrayBuffer(3_000_000)).fill(byte));
  await value(end.writable.getWriter().write(sent));
  assert.deepEqual(drain(peer).map((record) => [record.byteLength, record[0], record.at(-1)]), [
    [3_000_000, 1, 1],
    [3_000_000, 2, 2],
    [3_000_000, 3, 3],
  ]);
  await value(end.close());
}, large);

fakeTest("read() of a batch keeps the largest records apart, although their memory is given back", async (fake) => {
  const { end, peer } = batching(fake);
  peer.setOption(CONSTANTS.SO_SNDBUF, 64 * 1024 * 1024);
  for (let byte = 1; byte <= 6; byte += 1) peer.send(new Uint8Array(LARGEST_RECORD).fill(byte));
  const { value: batch } = await value(end.readable.getReader().read());
  assert.equal(batch!.length, 6);
  batch!.forEach((record, index) => assert.ok(record.every((byte) => byte === index + 1), `record ${index}`));
  assert.ok(fake.count("madvise") > 0);
  await value(end.close());
}, large);

fakeTest("read() of a batch rejects with RangeError behind a record that is longer than fits", async (fake) => {
  const { end, peer } = batching(fake);
  peer.setOption(CONSTANTS.SO_SNDBUF, 64 * 1024 * 1024);
  peer.send(new Uint8Array(LARGEST_RECORD + 4096));
  const error = await reason(end.readable.getReader().read());
  assert.ok(error instanceof RangeError);
  assert.match(error.message, /4267712 bytes/);
  end[Symbol.dispose]();
}, large);

fakeTest("read() of a batch tells empty records from the end", async (fake) => {
  const { end, peer } = batching(fake);
  for (const record of [EMPTY, BYTES, EMPTY, EMPTY]) peer.send(record);
  peer.close();
  const reader = end.readable.getReader();
  assert.deepEqual((await value(reader.read())).value, [EMPTY, BYTES, EMPTY, EMPTY]);
  assert.equal((await value(reader.read())).done, true);
  end[Symbol.dispose]();
});

fakeTest("read() of a batch gives what came before a reset, then the end; `closed` tells the reset", async (fake) => {
  const { end, own, peer } = batching(fake);
  own.send(BYTES);
  for (const record of [BYTES, EMPTY]) peer.send(record);
  peer.close();
  const reader = end.readable.getReader();
  assert.deepEqual((await value(reader.read())).value, [BYTES, EMPTY]);
  assert.equal((await value(reader.read())).done, true);
  assert.deepEqual(await codes(end.closed, later(end.writable.getWriter().closed)), ["ECONNRESET", "ECONNRESET"]);
  assert.equal(isOpen(end), false);
});

for (const errno of ["ENOMEM", "ENOBUFS", 5] as const) {
  fakeTest(`read() of a batch rejects with ${errno}, and the end can still send`, async (fake) => {
    const { end, peer } = batching(fake);
    peer.send(BYTES);
    fake.fail("recvmmsg", [errno]);
    assert.equal(await code(end.readable.getReader().read()), errno === 5 ? "E5" : errno);
    await value(end.writable.getWriter().write([BYTES]));
    assert.deepEqual(drain(peer), [BYTES]);
    end[Symbol.dispose]();
  });
}

fakeTest("close() behind a batch that waits for room sends all of it", async (fake) => {
  const { end, own, peer } = batching(fake);
  fill(own);
  const write = end.writable.getWriter().write(records(20));
  await turns();
  const closed = end.close();
  assert.ok(await isPending(closed));
  const filled = drain(peer).length;
  await value(Promise.all([write, closed]));
  assert.ok(filled > 0);
  assert.deepEqual(drain(peer), records(20));
});
