/** Waiting: would-block, interrupted calls, wakes for nothing, and two directions of one descriptor. */

import type { SocketType } from "../../mod.ts";
import { isOpen } from "../_waiting.ts";
import { assert, code, codes, drain, fakeTest, fill, foreign, isPending, later, turns, value } from "./_support.ts";

const TYPES: readonly SocketType[] = ["stream", "seqpacket", "dgram"];
const BYTES = new Uint8Array([1, 2, 3]);

for (const type of TYPES) {
  fakeTest(`read() on ${type} waits on EAGAIN although there is something, and is woken`, async (fake) => {
    const { end, peer } = foreign(fake, type);
    peer.send(BYTES);
    fake.fail("recvmsg", ["EAGAIN", "EAGAIN", "EAGAIN"]);
    assert.deepEqual((await value(end.readable.getReader().read())).value, BYTES);
    await value(end.close());
  });

  fakeTest(`write() on ${type} waits on EAGAIN although there is room, and is woken`, async (fake) => {
    const { end, peer } = foreign(fake, type);
    fake.fail("sendmsg", ["EAGAIN", "EAGAIN", "EAGAIN"]);
    await value(end.writable.getWriter().write(BYTES));
    assert.deepEqual(drain(peer), [BYTES]);
    await value(end.close());
  });

  fakeTest(`read() and write() on ${type} outlast a storm of EINTR`, async (fake) => {
    const { end, peer } = foreign(fake, type);
    const storm = new Array<"EINTR">(500).fill("EINTR");
    fake.fail("sendmsg", [...storm, "EAGAIN", ...storm, "EAGAIN", ...storm]);
    fake.fail("recvmsg", [...storm, "EAGAIN", ...storm, "EAGAIN", ...storm]);
    fake.fail("epoll_create1", storm);
    fake.fail("epoll_ctl", storm);
    fake.fail("epoll_wait", ["EINTR", "EINTR"]);
    if (type === "seqpacket") fake.fail("setsockopt", storm);
    const read = end.readable.getReader().read();
    await value(end.writable.getWriter().write(new Uint8Array(10_000)));
    assert.equal(drain(peer).reduce((length, bytes) => length + bytes.byteLength, 0), 10_000);
    peer.send(BYTES);
    assert.deepEqual((await value(read)).value, BYTES);
    await value(end.close());
  });

  fakeTest(`read() on ${type} sleeps on when it is woken for nothing`, async (fake) => {
    const { end, peer } = foreign(fake, type);
    const read = end.readable.getReader().read();
    await turns();
    for (let time = 0; time < 5; time += 1) fake.spurious();
    assert.ok(await isPending(read));
    peer.send(BYTES);
    assert.deepEqual((await value(read)).value, BYTES);
    await value(end.close());
  });

  fakeTest(`write() on ${type} sleeps on when it is woken for nothing`, async (fake) => {
    const { end, own, peer } = foreign(fake, type);
    fill(own);
    const write = end.writable.getWriter().write(BYTES);
    await turns();
    for (let time = 0; time < 5; time += 1) fake.spurious();
    assert.ok(await isPending(write));
    drain(peer);
    await value(write);
    await value(end.close());
  });

  fakeTest(`read() on ${type} is woken while the write of the same end waits on`, async (fake) => {
    const { end, own, peer } = foreign(fake, type);
    fill(own);
    const read = end.readable.getReader().read();
    const write = end.writable.getWriter().write(BYTES);
    await turns();
    const sends = fake.count("sendmsg");
    peer.send(BYTES);
    assert.deepEqual((await value(read)).value, BYTES);
    assert.ok(await isPending(write));
    assert.equal(fake.count("sendmsg"), sends, "the write was tried although there was no room");
    drain(peer);
    await value(write);
    await value(end.close());
  });

  fakeTest(`write() on ${type} is woken while the read of the same end waits on`, async (fake) => {
    const { end, own, peer } = foreign(fake, type);
    fill(own);
    const write = end.writable.getWriter().write(BYTES);
    const read = end.readable.getReader().read();
    await turns();
    const receipts = fake.count("recvmsg");
    drain(peer);
    await value(write);
    assert.ok(await isPending(read));
    assert.equal(fake.count("recvmsg"), receipts, "the read was tried although nothing had come");
    peer.send(BYTES);
    assert.deepEqual((await value(read)).value, BYTES);
    await value(end.close());
  });
}

for (const type of ["stream", "seqpacket"] as const) {
  fakeTest(`read() and write() on ${type} both end when the peer closes in the same wake`, async (fake) => {
    const { end, own, peer } = foreign(fake, type);
    fill(own);
    const read = end.readable.getReader().read();
    const write = end.writable.getWriter().write(BYTES);
    await turns();
    peer.close();
    later(write);
    assert.equal((await value(read)).done, true);
    assert.deepEqual(await codes(write, end.closed), ["ECONNRESET", "ECONNRESET"]);
    assert.equal(isOpen(end), false);
  });

  fakeTest(`write() on ${type} touches nothing after the read of the same wake has failed`, async (fake) => {
    const { end, own, peer } = foreign(fake, type);
    fill(own);
    const reader = end.readable.getReader();
    const read = reader.read();
    const write = later(end.writable.getWriter().write(BYTES));
    await turns();
    // The read fails, and its reader disposes of the end at once.
    const gone = reader.closed.catch(() => end[Symbol.dispose]());
    fake.fail("recvmsg", ["ENOMEM"]);
    drain(peer);
    peer.send(BYTES);
    assert.equal(await code(read), "ENOMEM");
    await value(gone);
    await value(Promise.allSettled([write]));
  }, { reuse: true });
}

fakeTest("read() that waits is not woken by an end that is not read", async (fake) => {
  const [unread, waiting] = [foreign(fake), foreign(fake)];
  const first = unread.end.readable.getReader().read();
  const read = waiting.end.readable.getReader().read();
  await turns();
  unread.peer.send(BYTES);
  await value(first);
  unread.peer.send(BYTES);
  const looks = fake.count("epoll_wait");
  assert.ok(await isPending(read, 50));
  assert.ok(fake.count("epoll_wait") <= looks + 1, "the poller goes round and round");
  for (const { end } of [unread, waiting]) await value(end.close());
});

fakeTest("read() of one end goes on while the wake of another end fails", async (fake) => {
  const [first, second] = [foreign(fake), foreign(fake)];
  const reads = [first, second].map(({ end }) => end.readable.getReader().read());
  await turns();
  fake.fail("recvmsg", ["ENOMEM"]);
  first.peer.send(BYTES);
  second.peer.send(BYTES);
  assert.equal(await code(reads[0]!), "ENOMEM");
  assert.deepEqual((await value(reads[1]!)).value, BYTES);
  for (const { end } of [first, second]) end[Symbol.dispose]();
});
