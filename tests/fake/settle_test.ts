/** What pending promises settle with when an end is ended while it waits. */

import { isOpen } from "../_waiting.ts";
import { END } from "./_packet.ts";
import { TYPES } from "../_support.ts";
import { assert, drain, fakeTest, fill, foreign, isPending, later, reason, turns, value } from "./_support.ts";
import { joined } from "../_joined.ts";

const BYTES = new Uint8Array([1, 2, 3]);
const ENOUGH = new Error("enough");

for (const type of TYPES) {
  fakeTest(`close() on ${type} ends a pending read as done and waits for the writes`, async (fake) => {
    const { end, own, peer } = foreign(fake, type);
    fill(own);
    const read = end.readable.getReader().read();
    const writer = end.writable.getWriter();
    const writes = [writer.write(BYTES), writer.write(BYTES), writer.write(BYTES)];
    await turns();
    const closed = end.close();
    assert.deepEqual(await value(read), { done: true, value: undefined });
    const receipts = fake.count("recvmsg");
    peer.send(BYTES);
    assert.ok(await isPending(closed));
    assert.equal(fake.count("recvmsg"), receipts, "it was received after the end");
    drain(peer);
    await value(Promise.all([...writes, closed]));
    assert.deepEqual(joined(drain(peer)), joined([BYTES, BYTES, BYTES]));
  });

  for (const way of ["close(reason)", "the signal"] as const) {
    fakeTest(`${way} on ${type} rejects whatever is pending with the reason`, async (fake) => {
      const controller = new AbortController();
      const { end, own } = foreign(fake, type, { signal: controller.signal });
      fill(own);
      const reader = end.readable.getReader();
      const writer = end.writable.getWriter();
      const pending = [reader.read(), writer.write(BYTES), writer.write(BYTES), reader.closed, writer.closed].map((
        promise: Promise<unknown>,
      ) => later(promise));
      await turns();
      if (way === "the signal") controller.abort(ENOUGH);
      else later(end.close(ENOUGH));
      assert.equal(isOpen(end), false, "it waited");
      for (const promise of [...pending, end.closed]) assert.equal(await reason(promise), ENOUGH);
    }, { reuse: true });
  }

  fakeTest(`dispose() on ${type} ends a pending read as done and fails the writes`, async (fake) => {
    const { end, own } = foreign(fake, type);
    fill(own);
    const read = end.readable.getReader().read();
    const write = later(end.writable.getWriter().write(BYTES));
    await turns();
    end[Symbol.dispose]();
    assert.equal(isOpen(end), false, "it waited");
    assert.equal((await value(read)).done, true);
    assert.ok(await reason(write) instanceof TypeError);
    await value(end.closed);
  }, { reuse: true });

  fakeTest(`abort() on ${type} rejects the write that waits with the reason, and ends the direction`, async (fake) => {
    const { end, own, peer } = foreign(fake, type);
    fill(own);
    const writer = end.writable.getWriter();
    const writes = [later(writer.write(BYTES)), later(writer.write(BYTES))];
    await turns();
    await value(writer.abort(ENOUGH));
    for (const write of writes) assert.equal(await reason(write), ENOUGH);
    drain(peer);
    if (type !== "dgram") assert.deepEqual(peer.receive(), END);
    peer.send(BYTES);
    assert.deepEqual((await value(end.readable.getReader().read())).value, BYTES);
    assert.equal(await reason(end.closed), ENOUGH);
    end[Symbol.dispose]();
  });

  fakeTest(`cancel() on ${type} ends a pending read as done, and the writes go on`, async (fake) => {
    const { end, peer } = foreign(fake, type);
    const reader = end.readable.getReader();
    const read = reader.read();
    await turns();
    await value(reader.cancel());
    assert.equal((await value(read)).done, true);
    await value(end.writable.getWriter().write(BYTES));
    assert.deepEqual(drain(peer), [BYTES]);
    assert.equal(peer.send(BYTES), -32);
    await value(end.close());
  });

  fakeTest(
    `closeWrite() on ${type} resolves when what was written is sent, however often it is called`,
    async (fake) => {
      for (const locked of [true, false]) {
        const { end, own, peer } = foreign(fake, type);
        fill(own);
        const writer = end.writable.getWriter();
        const write = writer.write(BYTES);
        if (!locked) writer.releaseLock();
        await turns();
        const calls = [end.closeWrite(), end.closeWrite(), end.closeWrite()];
        for (const call of calls) assert.ok(await isPending(call), `locked: ${locked}`);
        drain(peer);
        await value(Promise.all([write, ...calls]));
        await value(end.close());
      }
    },
  );
}

fakeTest("close() does not throw if the socket cannot be shut down while writes are under way", async (fake) => {
  const { end, own } = foreign(fake);
  fill(own);
  const write = later(end.writable.getWriter().write(BYTES));
  await turns();
  fake.fail("shutdown", ["EPERM", "EPERM"]);
  const closed = later(end.close());
  end[Symbol.dispose]();
  await value(Promise.allSettled([closed, write]));
  fake.forget();
  assert.equal(isOpen(end), false);
});

fakeTest("detach() gives up a descriptor that is waited for, and the poller forgets it", async (fake) => {
  const { end, peer, fd } = foreign(fake, "seqpacket");
  const read = later(end.readable.getReader().read());
  await turns();
  assert.equal(end.detach().fd, fd);
  assert.ok(await reason(read) instanceof TypeError);
  const calls = fake.log.length;
  peer.send(BYTES);
  fake.spurious();
  await turns();
  assert.equal(fake.log.slice(calls).some(({ values }) => values[0] === fd || values[2] === fd), false);
  assert.equal(fake.calls.close(fd), 0);
});

fakeTest("detach() that cannot restore the socket leaves once in the stream what was there", async (fake) => {
  const { end, peer } = foreign(fake, "seqpacket");
  const [first, second] = [BYTES, new Uint8Array([4])];
  const reader = end.readable.getReader();
  later(reader.read());
  await turns();
  reader.releaseLock();
  // Has the lock and does not read: what comes now for the read before it stays in the stream.
  const idle = end.readable.getReader();
  peer.send(first);
  await turns();
  idle.releaseLock();
  fake.fail("setsockopt", ["ENOBUFS"]);
  assert.throws(() => end.detach(), { code: "ENOBUFS" });
  peer.send(second);
  const next = end.readable.getReader();
  assert.deepEqual((await value(next.read())).value, first);
  assert.deepEqual((await value(next.read())).value, second);
  await value(end.close());
});

fakeTest("detach() that cannot restore the socket throws, and the end lives on", async (fake) => {
  const { end, peer } = foreign(fake, "seqpacket");
  const reader = end.readable.getReader();
  peer.send(BYTES);
  await value(reader.read());
  fake.fail("setsockopt", ["ENOBUFS"]);
  assert.throws(() => end.detach(), { code: "ENOBUFS" });
  peer.send(new Uint8Array(0));
  assert.deepEqual((await value(reader.read())).value, new Uint8Array(0));
  await value(end.close());
});
