/** Trying again before a wait goes to the poller: for a while only, in turns of its own, and not on what is closed. */

import { socketpair } from "../../mod.ts";
import { assert, clock, drain, fakeTest, fill, foreign, later, turns, value } from "./_support.ts";

const BYTES = new Uint8Array([1, 2, 3]);
/** Milliseconds that a look at the clock takes: some tries fit before patience ends, or all of them. */
const SHORT = 0.002;
const NONE = 0;

fakeTest("read() tries again for a while, then asks the poller", async (fake) => {
  clock.step = SHORT;
  const { end, peer } = foreign(fake);
  const read = end.readable.getReader().read();
  await turns(100);
  const tries = fake.count("recvmsg");
  assert.ok(tries > 2 && tries < 100, `${tries} tries`);
  assert.equal(fake.count("epoll_ctl"), 1);
  peer.send(BYTES);
  assert.deepEqual((await value(read)).value, BYTES);
  await value(end.close());
});

fakeTest("read() and write() that are served while they are tried again ask no poller", async (fake) => {
  clock.step = NONE;
  const { end, own, peer } = foreign(fake);
  fill(own);
  const read = end.readable.getReader().read();
  const write = end.writable.getWriter().write(BYTES);
  await turns(20);
  peer.send(BYTES);
  assert.deepEqual((await value(read)).value, BYTES);
  drain(peer);
  await value(write);
  assert.equal(fake.count("epoll_create1"), 0);
  await value(end.close());
});

fakeTest("read() that is tried again for ever leaves the event loop to others, and ends with the end", async (fake) => {
  clock.step = NONE;
  const { end } = foreign(fake);
  const read = end.readable.getReader().read();
  await turns(100);
  const tries = fake.count("recvmsg");
  assert.ok(tries > 50 && tries < 200, `${tries} tries in 100 turns`);
  await value(end.close());
  assert.equal((await value(read)).done, true);
  const calls = fake.log.length;
  await turns(20);
  assert.equal(fake.log.length, calls);
}, { reuse: true });

fakeTest("read() whose waits have been long is not tried again", async (fake) => {
  const { end, peer } = foreign(fake);
  const reader = end.readable.getReader();
  for (let round = 0; round < 10; round += 1) {
    const read = reader.read();
    await turns();
    peer.send(BYTES);
    await value(read);
  }
  clock.step = NONE;
  const before = fake.count("recvmsg");
  const read = later(reader.read());
  await turns(20);
  assert.equal(fake.count("recvmsg"), before + 1);
  await value(end.close());
  await value(read);
});

fakeTest(
  "read() of a pair is tried again once, lest EAGAIN was not for want of data: then its other end says",
  async (fake) => {
    clock.step = NONE;
    await using pair = socketpair();
    const read = pair[0].readable.getReader().read();
    await turns(20);
    assert.equal(fake.count("recvmsg"), 2);
    await value(pair[1].writable.getWriter().write(BYTES));
    assert.deepEqual((await value(read)).value, BYTES);
  },
);

for (const errno of ["ENOMEM", "ECONNREFUSED"] as const) {
  fakeTest(`read() and write() that fail with ${errno} while they are tried again reject once`, async (fake) => {
    clock.step = NONE;
    const { end, own } = foreign(fake);
    fill(own);
    fake.fail("recvmsg", [null, null, errno]);
    fake.fail("sendmsg", [null, null, null, errno]);
    const read = later(end.readable.getReader().read());
    const write = later(end.writable.getWriter().write(BYTES));
    for (const promise of [read, write, end.closed]) {
      await assert.rejects(value<unknown>(promise), { code: errno });
    }
    assert.equal(end.fd, -1);
  }, { reuse: true });
}
