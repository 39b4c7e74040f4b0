/** Reading: nothing that arrived is lost, cut or made up, whatever goes wrong before or after it. */

import { CONSTANTS } from "../../ffi/systems/linux.ts";
import { isOpen } from "../_waiting.ts";
import { TYPES } from "../_support.ts";
import { assert, code, fakeTest, foreign, isPending, later, reason, turns, value } from "./_support.ts";

const BYTES = new Uint8Array([1, 2, 3]);
const EMPTY = new Uint8Array(0);
const SCRATCH = 8 * 1024 * 1024;
const large = { bufferMax: 64 * 1024 * 1024 };

for (const type of ["seqpacket", "dgram"] as const) {
  fakeTest(`read() of a record on ${type} that is longer than fits is a RangeError with both lengths`, async (fake) => {
    const { end, peer } = foreign(fake, type);
    peer.setOption(CONSTANTS.SO_SNDBUF, 16 * 1024 * 1024);
    peer.send(BYTES);
    peer.send(new Uint8Array(SCRATCH + 1));
    const reader = end.readable.getReader();
    assert.deepEqual((await value(reader.read())).value, BYTES);
    const error = await reason(reader.read());
    assert.ok(error instanceof RangeError);
    assert.match(error.message, /8388609 bytes.* 8388608 bytes/);
    assert.equal(await reason(end.closed), error);
    end[Symbol.dispose]();
  }, large);
}

fakeTest("read() of a record of just the size that fits gives all of it", async (fake) => {
  const { end, peer } = foreign(fake, "seqpacket");
  peer.setOption(CONSTANTS.SO_SNDBUF, 16 * 1024 * 1024);
  peer.send(new Uint8Array(SCRATCH).fill(5));
  const { value: record } = await value(end.readable.getReader().read());
  assert.equal(record!.byteLength, SCRATCH);
  assert.ok(record!.every((byte) => byte === 5));
  await value(end.close());
}, large);

fakeTest("read() on seqpacket gives every record, then the end; `closed` tells the reset", async (fake) => {
  const { end, own, peer } = foreign(fake, "seqpacket");
  own.send(BYTES);
  const records = [BYTES, EMPTY, new Uint8Array(5000).fill(4), EMPTY];
  for (const record of records) peer.send(record);
  peer.close();
  const reader = end.readable.getReader();
  for (const record of records) assert.deepEqual((await value(reader.read())).value, record);
  assert.equal((await value(reader.read())).done, true);
  assert.equal(await code(end.closed), "ECONNRESET");
  assert.equal(await code(end.writable.getWriter().closed), "ECONNRESET");
  assert.equal(isOpen(end), false);
});

fakeTest("read() on stream gives every byte, then the end; `closed` tells the reset", async (fake) => {
  const { end, own, peer } = foreign(fake);
  own.send(BYTES);
  peer.send(new Uint8Array(70_000));
  peer.close();
  const reader = end.readable.getReader();
  assert.equal((await value(reader.read())).value!.byteLength, 65_536);
  assert.equal((await value(reader.read())).value!.byteLength, 70_000 - 65_536);
  assert.equal((await value(reader.read())).done, true);
  assert.equal(await code(end.closed), "ECONNRESET");
  assert.equal(isOpen(end), false);
});

fakeTest("read() gives every record although a write was told ECONNRESET before", async (fake) => {
  const { end, own, peer } = foreign(fake, "seqpacket");
  own.send(BYTES);
  for (const record of [BYTES, EMPTY]) peer.send(record);
  peer.close();
  assert.equal(await code(end.writable.getWriter().write(BYTES)), "ECONNRESET");
  const reader = end.readable.getReader();
  assert.deepEqual((await value(reader.read())).value, BYTES);
  assert.deepEqual((await value(reader.read())).value, EMPTY);
  assert.equal((await value(reader.read())).done, true);
  assert.equal(await code(end.closed), "ECONNRESET");
  assert.equal(isOpen(end), false);
});

fakeTest("read() that waits when the reset comes gives what is queued first", async (fake) => {
  const { end, own, peer } = foreign(fake, "seqpacket");
  own.send(BYTES);
  const reader = end.readable.getReader();
  const read = reader.read();
  await turns();
  peer.send(BYTES);
  peer.close();
  assert.deepEqual((await value(read)).value, BYTES);
  assert.equal((await value(reader.read())).done, true);
  assert.equal(await code(end.closed), "ECONNRESET");
});

fakeTest("read() waits on between a reset and the records that are still to come", async (fake) => {
  const { end, peer } = foreign(fake, "seqpacket");
  fake.fail("recvmsg", ["ECONNRESET", "EAGAIN", "EINTR", "EAGAIN"]);
  peer.send(BYTES);
  const reader = end.readable.getReader();
  assert.deepEqual((await value(reader.read())).value, BYTES);
  peer.close();
  assert.equal((await value(reader.read())).done, true);
  assert.equal(await code(end.closed), "ECONNRESET");
});

fakeTest("read() tells empty records from the end, also when they are all there is", async (fake) => {
  const { end, peer } = foreign(fake, "seqpacket");
  const reader = end.readable.getReader();
  const read = reader.read();
  await turns();
  for (const record of [EMPTY, EMPTY, BYTES, EMPTY]) peer.send(record);
  peer.close();
  assert.deepEqual((await value(read)).value, EMPTY);
  for (const record of [EMPTY, BYTES, EMPTY]) assert.deepEqual((await value(reader.read())).value, record);
  assert.equal((await value(reader.read())).done, true);
  end[Symbol.dispose]();
});

fakeTest("read() on dgram takes nothing for the end", async (fake) => {
  const { end, peer } = foreign(fake, "dgram");
  peer.send(EMPTY);
  peer.send(BYTES);
  peer.close();
  const reader = end.readable.getReader();
  assert.deepEqual((await value(reader.read())).value, EMPTY);
  assert.deepEqual((await value(reader.read())).value, BYTES);
  const read = reader.read();
  assert.ok(await isPending(read));
  const closed = end.close();
  assert.equal((await value(read)).done, true);
  await value(closed);
});

for (const size of [10, 64, 4096, 5000]) {
  fakeTest(`read(view) of ${size} bytes takes what short receipts give`, async (fake) => {
    const { end, peer } = foreign(fake);
    peer.send(BYTES);
    fake.fail("recvmsg", ["EAGAIN", "EINTR", { short: 1 }, "EAGAIN", { short: 2 }]);
    const reader = end.readable.getReader({ mode: "byob" });
    const first = await value(reader.read(new Uint8Array(size)));
    assert.deepEqual(first.value, BYTES.subarray(0, 1));
    const second = await value(reader.read(new Uint8Array(size)));
    assert.deepEqual(second.value, BYTES.subarray(1));
    await value(end.close());
  });
}

for (const type of TYPES) {
  fakeTest(`cancel() on ${type} empties the queue, so that a peer elsewhere that waits finds out`, async (fake) => {
    const { end, own, peer } = foreign(fake, type);
    while (peer.send(new Uint8Array(1000)) >= 0);
    await value(end.readable.cancel());
    assert.equal(own.queue.length, 0);
    assert.ok((peer.events() & 4) !== 0, "the peer still waits for room");
    await value(end.writable.close());
    assert.equal(isOpen(end), false);
  });

  fakeTest(`cancel() on ${type} empties the queue although an empty record comes first`, async (fake) => {
    const { end, own, peer } = foreign(fake, type);
    peer.send(EMPTY);
    while (peer.send(new Uint8Array(1000)) >= 0);
    await value(end.readable.cancel());
    assert.equal(own.queue.length, 0);
    await value(end.writable.close());
  });
}

fakeTest("read() on an end that fails leaves the other direction at work", async (fake) => {
  const { end, peer } = foreign(fake, "seqpacket");
  fake.fail("recvmsg", ["ENOMEM"]);
  assert.equal(await code(later(end.readable.getReader().read())), "ENOMEM");
  const writer = end.writable.getWriter();
  await value(writer.write(BYTES));
  await value(writer.close());
  assert.equal(isOpen(end), false);
  assert.ok(peer.receive() instanceof Object);
});
