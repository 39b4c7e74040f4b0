/** What the fake C library must notice: were it blind, every test that rests on it would pass. */

import { CONSTANTS, EPOLL_CTL_ADD, EPOLLIN, EPOLLONESHOT } from "../../ffi/systems/linux.ts";
import { FakeLibc } from "./_libc.ts";
import { assert, fakeTest, foreign, test, turns, value } from "./_support.ts";

const { AF_UNIX, SOCK_STREAM } = CONSTANTS;

/** A library with 64 KiB of memory, and a pair. */
function library(): { fake: FakeLibc; base: number; buffer: ArrayBuffer; left: number; right: number } {
  const fake = new FakeLibc();
  const { address: base, buffer } = fake.allocate(65_536);
  assert.equal(fake.calls.socketpair(AF_UNIX, SOCK_STREAM, 0, base), 0);
  const [left, right] = new Int32Array(buffer);
  return { fake, base, buffer, left: left!, right: right! };
}

test("FakeLibc notices a call on a closed descriptor", () => {
  const { fake, left } = library();
  fake.calls.close(left);
  assert.equal(fake.calls.shutdown(left, 1), -1);
  assert.deepEqual(fake.breaches, [`shutdown() on descriptor ${left}, which is closed`]);
});

test("FakeLibc notices a call on another owner's descriptor", () => {
  const fake = new FakeLibc({ reuse: true });
  const fd = fake.calls.epoll_create1(0);
  fake.calls.close(fd);
  fake.calls.close(fd);
  assert.deepEqual(fake.breaches, [`close() on descriptor ${fd}, which is another owner's`]);
});

test("FakeLibc hands out the number that was closed last", () => {
  const { fake, left } = library();
  fake.calls.close(left);
  assert.equal(fake.calls.epoll_create1(0), left);
});

test("FakeLibc notices an errno that is read too late", () => {
  const { fake, left } = library();
  fake.fail("shutdown", ["EPERM"]);
  fake.calls.shutdown(left, 1);
  assert.equal(fake.errno(), 1);
  fake.calls.getpid();
  fake.calls.shutdown(left, 1);
  fake.errno();
  assert.deepEqual(fake.breaches, ["errno is read after something else was done"]);
});

test("FakeLibc notices a lent address that is used once more", () => {
  const { fake, base, buffer, left } = library();
  const words = new BigUint64Array(buffer);
  words.set([BigInt(base + 64), 1n], 2);
  words.set([BigInt(fake.lend(new Uint8Array(100))), 100n], 8);
  assert.equal(fake.calls.sendmsg(left, base, CONSTANTS.MSG_DONTWAIT), 100);
  assert.equal(fake.calls.sendmsg(left, base, CONSTANTS.MSG_DONTWAIT), -1);
  assert.deepEqual(fake.breaches, ["sendmsg() with an address that is not valid"]);
});

test("FakeLibc notices a small view that is lent", () => {
  const { fake } = library();
  fake.lend(new Uint8Array(63));
  assert.match(fake.breaches[0]!, /63 bytes is lent/);
});

test("FakeLibc notices a call that would block the thread, and one that would raise SIGPIPE", () => {
  const { fake, base, left, right } = library();
  fake.calls.recvmsg(left, base, 0);
  fake.calls.close(right);
  fake.calls.sendmsg(left, base, 0);
  assert.deepEqual(fake.breaches, ["recvmsg() blocks the thread", "sendmsg() without MSG_NOSIGNAL"]);
});

test("FakeLibc notices a descriptor that is closed while it is watched, and a waiter that throws", async () => {
  const { fake, base, buffer, left, right } = library();
  const epoll = fake.calls.epoll_create1(0);
  new Uint32Array(buffer).set([EPOLLIN | EPOLLONESHOT, 0, 0]);
  fake.calls.epoll_ctl(epoll, EPOLL_CTL_ADD, left, base);
  fake.createWaiter(epoll, () => {
    throw new Error("no");
  }).arm(true);
  fake.calls.shutdown(right, 1);
  await turns(2);
  fake.calls.close(left);
  fake.calls.close(epoll);
  assert.deepEqual(fake.breaches, [
    "ready() threw: Error: no",
    `close(${left}) while an epoll descriptor knows it`,
    `close(${epoll}) under a waiter`,
  ]);
});

test("FakeLibc follows its script call by call", () => {
  const { fake, left } = library();
  let called = false;
  fake.fail("shutdown", ["EINTR", null, () => void (called = true), 5]);
  assert.deepEqual([1, 2, 3, 4, 5].map(() => fake.calls.shutdown(left, 1)), [-1, 0, 0, -1, 0]);
  assert.ok(called);
  assert.deepEqual(fake.log.slice(-5).map(({ result }) => result), [-4, 0, 0, -5, 0]);
});

test("FakeLibc tells what is still open", () => {
  const { fake, left, right } = library();
  fake.calls.close(left);
  assert.deepEqual(fake.kernel.openFiles(), [`${right} FakeSocket`]);
});

for (const arch of ["x64", "arm64"] as const) {
  fakeTest(`FakeLibc wakes the right reader with the struct layouts of ${arch}`, async (fake) => {
    const ends = [foreign(fake), foreign(fake), foreign(fake)];
    const reads = ends.map(({ end }) => end.readable.getReader().read());
    await turns();
    for (const index of [2, 0, 1]) {
      ends[index]!.peer.send(new Uint8Array([index]));
      assert.deepEqual((await value(reads[index]!)).value, new Uint8Array([index]));
    }
    for (const { end } of ends) await value(end.close());
  }, { arch });
}
