/** end.read(), end.write() and end.flush(): their order, what a signal takes back, and what a failure leaves. */

import { CONSTANTS } from "../../ffi/systems/linux.ts";
import { isOpen } from "../_waiting.ts";
import { joined } from "../_joined.ts";
import { delay } from "../_support.ts";
import {
  assert,
  code,
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

const BYTES = new Uint8Array([1, 2, 3]);
const EMPTY = new Uint8Array(0);
const ENOUGH = new Error("enough");

for (const type of ["stream", "seqpacket", "dgram"] as const) {
  fakeTest(`end.read() on ${type} that waits is served in order, and a signal takes back one`, async (fake) => {
    const { end, peer } = foreign(fake, type);
    const buffers = [0, 1, 2].map(() => new Uint8Array(1));
    const controller = new AbortController();
    const [first, second, third] = buffers.map((buffer, index) =>
      later(end.read(buffer, index === 1 ? { signal: controller.signal } : {}))
    );
    await turns();
    controller.abort(ENOUGH);
    assert.equal(await reason(second!), ENOUGH);
    peer.send(new Uint8Array([7]));
    assert.equal(await value(first!), 1);
    assert.ok(await isPending(third!));
    peer.send(new Uint8Array([8]));
    assert.equal(await value(third!), 1);
    assert.deepEqual(buffers.map(([byte]) => byte), [7, 0, 8]);
    await value(end.close());
  });

  fakeTest(`end.write() on ${type} that waits is sent in order, and a signal takes back one`, async (fake) => {
    const { end, own, peer } = foreign(fake, type);
    fill(own);
    const controller = new AbortController();
    const writes = [1, 2, 3].map((byte) =>
      later(end.write(new Uint8Array([byte]), byte === 2 ? { signal: controller.signal } : {}))
    );
    await turns();
    controller.abort(ENOUGH);
    drain(peer);
    assert.equal(await reason(writes[1]!), ENOUGH);
    assert.deepEqual(await value(Promise.all([writes[0], writes[2]])), [1, 1]);
    assert.deepEqual(joined(drain(peer)), new Uint8Array([1, 3]));
    await value(end.close());
  });

  fakeTest(`end.write() on ${type} stands behind the chunks that its writable holds`, async (fake) => {
    const { end, own, peer } = foreign(fake, type);
    fill(own);
    const writer = end.writable.getWriter();
    const chunks = [writer.write(new Uint8Array([1])), writer.write(new Uint8Array([2]))];
    writer.releaseLock();
    const call = end.write(new Uint8Array([3]));
    const flush = end.flush();
    await turns();
    assert.ok(await isPending(flush));
    drain(peer);
    await value(Promise.all([...chunks, call, flush]));
    assert.deepEqual(joined(drain(peer)), new Uint8Array([1, 2, 3]));
    await value(end.close());
  });

  fakeTest(`close() on ${type} sends calls and chunks that wait, and accepts no more`, async (fake) => {
    const { end, own, peer } = foreign(fake, type);
    fill(own);
    const writes = [end.write(new Uint8Array([1])), end.write(new Uint8Array([2]))];
    await turns();
    const closed = end.close();
    assert.ok(await reason(end.write(BYTES)) instanceof TypeError);
    assert.ok(await isPending(closed));
    drain(peer);
    await value(Promise.all([...writes, closed]));
    assert.deepEqual(joined(drain(peer)), new Uint8Array([1, 2]));
  });

  fakeTest(`end.write() on ${type} that is refused leaves the end alive`, async (fake) => {
    const { end, peer } = foreign(fake, type);
    for (const errno of ["ENOBUFS", "ENOMEM", "EPERM"] as const) {
      fake.fail("sendmsg", [errno]);
      assert.equal(await code(end.write(BYTES)), errno);
      fake.fail("sendmsg", ["EAGAIN", errno]);
      assert.equal(await code(end.write(BYTES)), errno);
    }
    assert.ok(await reason(end.write("no" as never)) instanceof TypeError);
    assert.equal(await value(end.write(BYTES)), 3);
    assert.deepEqual(drain(peer), [BYTES]);
    await value(end.close());
  });

  fakeTest(`end.write() on ${type} waits for ETOOMANYREFS to pass, and what follows waits behind it`, async (fake) => {
    const { end, peer } = foreign(fake, type);
    fake.fail("sendmsg", ["ETOOMANYREFS", "ETOOMANYREFS", "EAGAIN"]);
    const writes = [end.write(new Uint8Array([1])), end.write(new Uint8Array([2]))];
    const flush = end.flush();
    assert.equal(fake.count("sendmsg"), 1);
    await delay(60);
    await value(Promise.all([...writes, flush]));
    assert.deepEqual(joined(drain(peer)), new Uint8Array([1, 2]));
    await value(end.close());
  });

  fakeTest(`dispose() on ${type} while a write waits for ETOOMANYREFS to pass sends nothing any more`, async (fake) => {
    const { end } = foreign(fake, type);
    fake.fail("sendmsg", ["ETOOMANYREFS"]);
    const write = later(end.write(BYTES));
    // No turn of the event loop: on a busy machine one can take longer than the 5 ms after which it is tried again.
    await Promise.resolve();
    assert.equal(fake.count("sendmsg"), 1);
    end[Symbol.dispose]();
    assert.ok(await reason(write) instanceof TypeError);
    const sends = fake.count("sendmsg");
    await delay(30);
    assert.equal(fake.count("sendmsg"), sends);
  }, { reuse: true });

  for (const errno of ["ECONNRESET", "EBADF", "ENOTCONN", "EINTR"] as const) {
    fakeTest(`close() on ${type} settles although emptying the queue meets ${errno}`, async (fake) => {
      const { end, peer } = foreign(fake, type);
      for (let count = 0; count < 3; count += 1) peer.send(BYTES);
      fake.fail("recvmsg", [null, errno]);
      await value(Promise.allSettled([end.close()]));
      assert.equal(isOpen(end), false);
    }, { reuse: true });
  }
}

for (const type of ["seqpacket", "dgram"] as const) {
  for (const waits of [false, true]) {
    fakeTest(
      `end.read() on ${type} ${waits ? "that waits" : "at once"} leaves a record that is too long to the next`,
      async (fake) => {
        const { end, peer } = foreign(fake, type);
        const records = [pattern(5000), EMPTY, pattern(9000), BYTES];
        const send = () => records.forEach((record) => peer.send(record));
        if (!waits) send();
        const short = later(end.read(new Uint8Array(4999)));
        if (waits) {
          await turns();
          send();
        }
        const error = await reason(short);
        assert.ok(error instanceof RangeError);
        assert.match(error.message, /5000 bytes.* 4999 bytes/);
        const buffer = new Uint8Array(5000);
        assert.equal(await value(end.read(buffer)), 5000);
        assert.deepEqual(buffer, pattern(5000));
        assert.equal(await value(end.read(buffer)), 0);
        // A view that the kernel may use, and the rest that spills.
        assert.ok(await reason(end.read(buffer)) instanceof RangeError);
        const { value: record } = await value(end.readable.getReader().read());
        assert.deepEqual(record, pattern(9000));
        assert.deepEqual(joined(drain(peer.peer!)), BYTES);
        await value(end.close());
      },
    );
  }
}

for (const type of ["stream", "seqpacket"] as const) {
  fakeTest(
    `end.read() on ${type} gives what came before a reset, then null; write() tells ECONNRESET`,
    async (fake) => {
      const { end, own, peer } = foreign(fake, type);
      own.send(BYTES);
      peer.send(BYTES);
      peer.close();
      const buffer = new Uint8Array(10);
      assert.equal(await value(end.read(buffer)), 3);
      assert.equal(await value(end.read(buffer)), null);
      assert.equal(await value(end.read(buffer)), null);
      assert.equal(await code(end.write(BYTES)), "ECONNRESET");
      assert.equal(await code(end.closed), "ECONNRESET");
      assert.equal(await code(end.flush()), "ECONNRESET");
      assert.equal(isOpen(end), false);
    },
  );

  fakeTest(`end.read() on ${type}: all that wait are told the end`, async (fake) => {
    const { end, peer } = foreign(fake, type);
    const reads = [end.read(new Uint8Array(1)), end.read(new Uint8Array(1))];
    await turns();
    peer.shutdown(CONSTANTS.SHUT_WR);
    assert.deepEqual(await value(Promise.all(reads)), [null, null]);
    assert.equal(await value(end.write(BYTES)), 3);
    end[Symbol.dispose]();
  });

  fakeTest(`peerClosed on ${type} resolves while nothing reads, and what was sent stays to be read`, async (fake) => {
    const { end, peer } = foreign(fake, type);
    const gone = end.peerClosed;
    assert.equal(end.peerClosed, gone);
    peer.send(BYTES);
    peer.shutdown(CONSTANTS.SHUT_WR);
    assert.ok(await isPending(gone));
    peer.close();
    await value(gone);
    assert.equal(await value(end.read(new Uint8Array(10))), 3);
    assert.equal(await value(end.read(new Uint8Array(10))), null);
    await value(end.closed);
  });
}

fakeTest("peerClosed survives a poller that cannot be had, if a later wait can", async (fake) => {
  const { end, peer } = foreign(fake);
  fake.fail("epoll_ctl", ["ENOMEM"]);
  const gone = end.peerClosed;
  const read = end.read(new Uint8Array(10));
  await turns();
  peer.close();
  await value(gone);
  assert.equal(await value(read), null);
});

fakeTest("flush() with framing sends what was gathered, and waits for room", async (fake) => {
  const { end, own, peer } = foreign(fake, "stream", { framing: "uint16be" });
  fill(own);
  assert.equal(await value(end.write(BYTES)), 3);
  assert.equal(await value(end.write(EMPTY)), 0);
  const flush = end.flush();
  assert.ok(await isPending(flush));
  drain(peer);
  await value(flush);
  assert.deepEqual(joined(drain(peer)), new Uint8Array([0, 3, 1, 2, 3, 0, 0]));
  await value(end.close());
});

fakeTest("close() with framing behind gathered records, waiting chunks and a call sends all in order", async (fake) => {
  const { end, own, peer } = foreign(fake, "stream", { framing: "uint32be" });
  fill(own);
  const writer = end.writable.getWriter();
  const writes = [writer.write(BYTES), writer.write(pattern(70_000))];
  writer.releaseLock();
  const call = end.write(BYTES);
  await turns();
  const closed = end.close();
  drain(peer);
  const got: Uint8Array[] = [];
  while (await isPending(closed, 3)) got.push(...drain(peer));
  await value(Promise.all([...writes, call, closed]));
  const sent = joined([...got, ...drain(peer)]);
  assert.equal(sent.byteLength, 7 + 70_004 + 7);
  assert.deepEqual(sent.subarray(-7), new Uint8Array([0, 0, 0, 3, 1, 2, 3]));
});

fakeTest("end.write() whose signal comes after a part was sent goes on with a copy of the rest", async (fake) => {
  const { end, own, peer } = foreign(fake);
  const chunk = pattern(5000);
  const controller = new AbortController();
  fake.fail("sendmsg", [{ short: 100 }, () => void fill(own, new Uint8Array(30_000))]);
  const write = later(end.write(chunk, { signal: controller.signal }));
  await turns();
  controller.abort(ENOUGH);
  chunk.fill(0);
  assert.equal(await reason(write), ENOUGH);
  const flush = end.flush();
  const got = drain(peer);
  await value(flush);
  const whole = joined([...got, ...drain(peer)]);
  assert.deepEqual(joined([whole.subarray(0, 100), whole.subarray(-4900)]), pattern(5000));
  await value(end.close());
});
