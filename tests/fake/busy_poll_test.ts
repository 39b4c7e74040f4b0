/** Trying again before a wait goes to the kernel: for a while only, in turns of its own, and only while it pays. */

import { socketpair } from "../../mod.ts";
import { replaceClock } from "../../ffi/hooks.ts";
import { BusyPoll } from "../../ffi/wait/busy_poll.ts";
import { isOpen } from "../_waiting.ts";
import type { FakeLibc } from "./_libc.ts";
import type { FakeSocket } from "./_socket.ts";
import { assert, clock, drain, fakeTest, fill, foreign, later, onFake, test, turns, value } from "./_support.ts";

const BYTES = new Uint8Array([1, 2, 3]);
/** Milliseconds that a look at the clock takes: some tries fit into the time, or all of them. */
const SHORT = 0.002;
const NONE = 0;
const BUSY = { busyPoll: 50 } as const;

/** A test with a clock of its own. */
function timed(name: string, body: (set: (milliseconds: number) => void) => void): void {
  test(name, () => {
    let time = 0;
    replaceClock(() => time);
    try {
      body((milliseconds) => time = milliseconds);
    } finally {
      replaceClock(undefined);
    }
  });
}

/** How many turns a wait spins for while the clock goes on by some milliseconds in each. */
function spin(poll: BusyPoll, set: (milliseconds: number) => void, step: number): number {
  let time = 0;
  set(0);
  poll.begin(true);
  for (let count = 0;; count += 1) {
    set(time += step);
    if (!poll.shouldSpin() || count > 10_000) return count;
  }
}

timed("BusyPoll spins for as long as its budget", (set) => {
  assert.equal(spin(new BusyPoll(0.05), set, 0.01), 4);
  assert.equal(spin(new BusyPoll(1), set, 0.15), 6);
});

timed("BusyPoll without a budget spins neither at once nor later", (set) => {
  const poll = new BusyPoll(0);
  assert.equal(poll.spinNow(() => assert.fail("it was tried"), () => assert.fail("it gave way")), false);
  assert.equal(spin(poll, set, 0), 0);
});

timed("BusyPoll spins for some turns even where each takes longer than its budget", (set) => {
  assert.equal(spin(new BusyPoll(0.05), set, 20), 3);
});

timed("BusyPoll ends by its turns where the clock stands still", (set) => {
  const count = spin(new BusyPoll(0.05), set, 0);
  assert.ok(count > 1 && count < 1000, `${count} turns`);
});

timed("BusyPoll pauses after times in vain, and tries again at last", (set) => {
  const poll = new BusyPoll(0.05);
  const spun = Array.from({ length: 200 }, () => spin(poll, set, 0.01) > 0);
  const tries = spun.filter(Boolean).length;
  assert.ok(tries >= 3 && tries < 40, `${tries} of 200 waits were spun`);
  assert.ok(spun.slice(-64).includes(true), "it has given up for good");
});

timed("BusyPoll goes on in every wait while each succeeds", () => {
  const poll = new BusyPoll(0.05);
  for (let count = 0; count < 200; count += 1) {
    poll.begin(true);
    assert.equal(poll.shouldSpin(), true);
    poll.succeeded();
    assert.equal(poll.shouldSpin(), false);
  }
});

timed("BusyPoll tries some times at once, and gives way before each", () => {
  const steps: string[] = [];
  const poll = new BusyPoll(0.05);
  const attempt = (): boolean => steps.push("attempt") === 6;
  assert.equal(poll.spinNow(attempt, () => steps.push("give way")), true);
  assert.deepEqual(steps, ["give way", "attempt", "give way", "attempt", "give way", "attempt"]);
  let tries = 0;
  assert.equal(poll.spinNow(() => (tries += 1) < 0, () => {}), false);
  assert.ok(tries > 4 && tries < 100, `${tries} tries`);
});

timed("BusyPoll stops at once where another thread has had the processor", (set) => {
  let tries = 0;
  const poll = new BusyPoll(0.05);
  assert.equal(poll.spinNow(() => (set(tries += 1), false), () => {}), false);
  assert.ok(tries < 8, `${tries} tries`);
});

fakeTest("read() tries again for a while, then asks the kernel", async (fake) => {
  clock.step = SHORT;
  const { end, peer } = foreign(fake, "stream", BUSY);
  const read = end.readable.getReader().read();
  await turns(100);
  const tries = fake.count("recvmsg");
  assert.ok(tries > 2 && tries < 100, `${tries} tries`);
  assert.equal(fake.count("epoll_ctl"), 1);
  await turns(20);
  assert.equal(fake.count("recvmsg"), tries, "it spins on");
  peer.send(BYTES);
  assert.deepEqual((await value(read)).value, BYTES);
  await value(end.close());
});

fakeTest("read() and end.read() that are served while they are tried again ask no poller", async (fake) => {
  clock.step = NONE;
  const { end, peer } = foreign(fake, "stream", BUSY);
  const buffer = new Uint8Array(3);
  const read = end.read(buffer);
  await turns(20);
  peer.send(BYTES);
  assert.equal(await value(read), 3);
  assert.deepEqual(buffer, BYTES);
  const chunk = end.readable.getReader().read();
  await turns(20);
  peer.send(BYTES);
  assert.deepEqual((await value(chunk)).value, BYTES);
  assert.equal(fake.count("epoll_create1"), 0);
  await value(end.close());
});

fakeTest("write() that waits is tried once more in the next turn, and then is the kernel's", async (fake) => {
  clock.step = NONE;
  const { end, own, peer } = foreign(fake, "stream", BUSY);
  fill(own);
  const write = end.writable.getWriter().write(BYTES);
  await turns(20);
  const sends = fake.count("sendmsg");
  assert.ok(sends <= 3, `${sends} sends`);
  assert.equal(fake.count("epoll_ctl"), 1);
  drain(peer);
  await value(write);
  await value(end.close());
});

for (const busyPoll of [0, 50]) {
  fakeTest(
    `read() and write() that are served within the turn ask no poller, with busyPoll: ${busyPoll}`,
    async (fake) => {
      clock.step = 1000;
      const { end, own, peer } = foreign(fake, "stream", { busyPoll });
      fill(own);
      const read = end.readable.getReader().read();
      const write = end.writable.getWriter().write(BYTES);
      for (let wait = 0; wait < 20; wait += 1) await null;
      drain(peer);
      peer.send(BYTES);
      assert.deepEqual((await value(read)).value, BYTES);
      await value(write);
      assert.equal(fake.count("epoll_create1"), 0);
      await value(end.close());
    },
  );
}

fakeTest("read() that spins where the clock stands still parks at last", async (fake) => {
  clock.step = NONE;
  const { end, peer } = foreign(fake, "stream", BUSY);
  const read = end.readable.getReader().read();
  await turns(100);
  const tries = fake.count("recvmsg");
  assert.ok(tries > 50, `${tries} tries in 100 turns`);
  assert.equal(fake.count("epoll_ctl"), 0);
  await turns(400);
  assert.equal(fake.count("epoll_ctl"), 1);
  const parked = fake.count("recvmsg");
  await turns(50);
  assert.equal(fake.count("recvmsg"), parked);
  peer.send(BYTES);
  assert.deepEqual((await value(read)).value, BYTES);
  await value(end.close());
});

fakeTest("read() that spins ends with the end, and no call comes after", async (fake) => {
  clock.step = NONE;
  const { end } = foreign(fake, "stream", BUSY);
  const read = end.readable.getReader().read();
  await turns(20);
  await value(end.close());
  assert.equal((await value(read)).done, true);
  const calls = fake.log.length;
  await turns(20);
  assert.equal(fake.log.length, calls);
}, { reuse: true });

/** How often a receipt is tried for a read that waits some turns, after as many waits in vain. */
async function triesAfter(fake: FakeLibc, waits: number): Promise<number> {
  const { end, peer } = foreign(fake, "stream", BUSY);
  const reader = end.readable.getReader();
  for (let round = 0; round < waits; round += 1) {
    const read = reader.read();
    await turns();
    peer.send(BYTES);
    await value(read);
  }
  clock.step = NONE;
  const before = fake.count("recvmsg");
  const read = later(reader.read());
  await turns(20);
  const tries = fake.count("recvmsg") - before;
  await value(end.close());
  await value(read);
  return tries;
}

test("read() whose waits have been long is tried again once, before it parks", async () => {
  await onFake(async (fake) => assert.ok(await triesAfter(fake, 0) > 10));
  await onFake(async (fake) => assert.equal(await triesAfter(fake, 10), 2));
});

fakeTest("read() with busyPoll: 0 is tried once more in the next turn, and then is the kernel's", async (fake) => {
  clock.step = NONE;
  const { end, peer } = foreign(fake, "stream", { busyPoll: 0 });
  const read = end.readable.getReader().read();
  await turns(20);
  assert.equal(fake.count("recvmsg"), 2);
  assert.equal(fake.count("sched_yield"), 0);
  assert.equal(fake.count("epoll_ctl"), 1);
  peer.send(BYTES);
  assert.deepEqual((await value(read)).value, BYTES);
  await value(end.close());
});

fakeTest("end.read() of a pair does not try at once: no other thread can have served it", async (fake) => {
  clock.step = NONE;
  await using pair = socketpair();
  const read = pair[0].read(new Uint8Array(3));
  assert.equal(fake.count("recvmsg"), 1);
  assert.equal(fake.count("sched_yield"), 0);
  await value(pair[1].writable.getWriter().write(BYTES));
  assert.equal(await value(read), 3);
});

fakeTest("end.read() of a pair whose other end has left this thread tries at once", async (fake) => {
  clock.step = NONE;
  const [left, right] = socketpair();
  const { fd } = right.detach();
  const read = left.read(new Uint8Array(3));
  assert.ok(fake.count("recvmsg") > 2, `${fake.count("recvmsg")} tries`);
  (fake.kernel.file(fd) as FakeSocket).send(BYTES);
  assert.equal(await value(read), 3);
  await value(left.close());
  fake.calls.close(fd);
});

for (const errno of ["ENOMEM", "ECONNREFUSED"] as const) {
  for (const steps of [2, 30] as const) {
    fakeTest(`read() that fails with ${errno} after ${steps} tries rejects once`, async (fake) => {
      clock.step = NONE;
      const { end } = foreign(fake, "stream", BUSY);
      fake.fail("recvmsg", [...new Array<null>(steps).fill(null), errno]);
      const read = later(end.readable.getReader().read());
      for (const promise of [read, end.closed]) await assert.rejects(value<unknown>(promise), { code: errno });
      const tries = fake.count("recvmsg");
      await turns(20);
      assert.equal(fake.count("recvmsg"), tries);
      assert.equal(isOpen(end), true);
      end[Symbol.dispose]();
    }, { reuse: true });
  }
}
