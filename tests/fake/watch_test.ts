/** What waits: the states of a direction, and a poller that is asked, drained and forgotten. */

import { arena } from "../../ffi/arena.ts";
import { CONSTANTS, EPOLLHUP, EPOLLIN, EPOLLOUT } from "../../ffi/systems/linux.ts";
import { Direction } from "../../ffi/wait/direction.ts";
import { Poller, Registration } from "../../ffi/wait/poller.ts";
import { Watch } from "../../ffi/wait/watch.ts";
import type { FakeLibc } from "./_libc.ts";
import { delay } from "../_support.ts";
import { assert, drain, fakeTest, fill, test, turns } from "./_support.ts";

const BYTES = new Uint8Array([1, 2, 3]);

/** A socket with a number, and its peer. */
function opened(fake: FakeLibc) {
  const [own, peer] = fake.kernel.sockets(CONSTANTS.SOCK_STREAM);
  return { own, peer, fd: fake.kernel.open(own) };
}

test("Direction goes from idle to spinning to waiting, and back when its attempt succeeds", () => {
  const direction = new Direction();
  let succeeds = false;
  direction.park();
  assert.equal(direction.state, "idle");
  assert.equal(direction.try(), false);
  direction.begin(() => succeeds);
  assert.equal(direction.state, "spinning");
  assert.equal(direction.try(), false);
  direction.park();
  assert.equal(direction.state, "waiting");
  succeeds = true;
  assert.equal(direction.try(), true);
  assert.equal(direction.state, "idle");
  assert.equal(direction.try(), false);
});

test("Direction that is ended calls nothing any more, and hands a failure on before", () => {
  const direction = new Direction();
  const told: unknown[] = [];
  direction.begin((failure) => (told.push(failure?.reason), failure !== undefined));
  direction.try();
  direction.try({ reason: "why" });
  direction.begin(() => assert.fail("it was called"));
  direction.end();
  direction.try();
  assert.deepEqual([told, direction.state], [[undefined, "why"], "idle"]);
});

fakeTest("Poller tells once of what was asked last, and nothing of what rests", async (fake) => {
  const { peer, fd } = opened(fake);
  const told: number[] = [];
  const registration = new Registration({ fd, ready: (events) => void told.push(events) });
  const poller = new Poller(arena());
  poller.ask(registration, EPOLLIN, true);
  poller.ask(registration, EPOLLOUT, true);
  await turns();
  assert.deepEqual(told, [EPOLLOUT]);
  await turns();
  assert.deepEqual(told, [EPOLLOUT]);
  poller.ask(registration, EPOLLIN, true);
  poller.rest(registration);
  peer.send(BYTES);
  await turns();
  assert.deepEqual(told, [EPOLLOUT]);
  poller.forget(registration);
  await turns();
  fake.kernel.close(fd);
});

fakeTest("Poller calls nothing that was forgotten while the same wake is told", async (fake) => {
  const sockets = [opened(fake), opened(fake)];
  const poller = new Poller(arena());
  let calls = 0;
  const registrations: Registration[] = sockets.map(({ fd }, index) =>
    new Registration({
      fd,
      ready: () => {
        calls += 1;
        const other = 1 - index;
        poller.forget(registrations[other]!);
        fake.calls.close(sockets[other]!.fd);
      },
    })
  );
  for (const registration of registrations) poller.ask(registration, EPOLLIN, true);
  for (const { peer } of sockets) peer.send(BYTES);
  await turns();
  assert.equal(calls, 1);
  for (const registration of registrations) poller.forget(registration);
  await turns();
  for (const { fd } of sockets) if (fake.kernel.file(fd) !== undefined) fake.kernel.close(fd);
});

fakeTest("Poller is closed with the last that it knows, and opens anew", async (fake) => {
  const { fd } = opened(fake);
  const poller = new Poller(arena());
  const registration = new Registration({ fd, ready: () => {} });
  for (let round = 1; round <= 3; round += 1) {
    poller.ask(registration, EPOLLIN, true);
    assert.equal(fake.count("epoll_create1"), round);
    poller.forget(registration);
    await turns();
    assert.equal(fake.kernel.openFiles().length, 1);
  }
  poller.forget(registration);
  fake.kernel.close(fd);
});

for (const name of ["epoll_create1", "createWaiter", "epoll_ctl"] as const) {
  fakeTest(`Poller that fails at ${name} throws, and has nothing open`, async (fake) => {
    const { fd } = opened(fake);
    const poller = new Poller(arena());
    const registration = new Registration({ fd, ready: () => {} });
    fake.fail(name, ["EMFILE"]);
    assert.throws(() => poller.ask(registration, EPOLLIN, true), { code: "EMFILE" });
    await turns();
    assert.equal(fake.kernel.openFiles().length, 1);
    assert.equal(registration.known, false);
    fake.kernel.close(fd);
  });

  fakeTest(`Watch tells both directions of a failure of ${name}, once`, async (fake) => {
    const { own, fd } = opened(fake);
    fill(own);
    const watch = new Watch(arena(), fd, 0);
    const told: unknown[] = [];
    const attempt = (failure?: { reason: unknown }): boolean => {
      if (failure !== undefined) told.push((failure.reason as { code: string }).code);
      return failure !== undefined;
    };
    fake.fail(name, ["ENOMEM"]);
    watch.waitReadable(attempt);
    watch.waitWritable(attempt);
    await turns();
    assert.deepEqual(told, ["ENOMEM", "ENOMEM"]);
    watch.forget();
    await turns();
    fake.kernel.close(fd);
  });
}

fakeTest("Watch that is forgotten before its turn asks the kernel for nothing", async (fake) => {
  const { fd } = opened(fake);
  const watch = new Watch(arena(), fd, 1000);
  watch.waitReadable(() => assert.fail("it was tried"));
  watch.waitGone(() => assert.fail("it was called"));
  watch.forget();
  fake.calls.close(fd);
  const calls = fake.log.length;
  await turns();
  assert.equal(fake.log.slice(calls).filter(({ values }) => values.includes(fd)).length, 0);
}, { reuse: true });

fakeTest("Watch wakes the directions that the events are for, and both when the peer is gone", async (fake) => {
  const { own, peer, fd } = opened(fake);
  fill(own);
  const watch = new Watch(arena(), fd, 0);
  const told: string[] = [];
  watch.waitReadable(() => (told.push("readable"), false));
  watch.waitWritable(() => (told.push("writable"), false));
  watch.waitGone(() => void told.push("gone"));
  await turns();
  told.length = 0;
  peer.send(BYTES);
  await turns(2);
  assert.match(told.join(), /^readable(,readable)*$/);
  own.receive();
  await turns();
  told.length = 0;
  drain(peer);
  await turns(2);
  assert.match(told.join(), /^writable(,writable)*$/);
  told.length = 0;
  watch.ready(EPOLLHUP);
  assert.deepEqual(told, ["gone", "readable", "writable"]);
  watch.ready(EPOLLHUP);
  assert.match(told.join(), /^gone,(readable|writable|,)*$/);
  watch.forget();
  await turns();
  fake.kernel.close(fd);
});

fakeTest(
  "Watch tries again for the first few that begin to wait in one turn, and asks the kernel for the others",
  async (fake) => {
    const watches = Array.from({ length: 10 }, () => new Watch(arena(), opened(fake).fd, 1000));
    const tries = watches.map(() => 0);
    watches.forEach((watch, index) => {
      watch.spinNow(() => (tries[index]! += 1, false));
      watch.waitReadable(() => false);
    });
    assert.deepEqual(tries.map((count) => count > 0), [true, true, true, true, ...Array(6).fill(false)]);
    for (const watch of watches) {
      watch.forget();
      fake.kernel.close(watch.fd);
    }
    await turns();
  },
);

fakeTest("Watch that rests asks the kernel nothing, and tries once when it has rested", async (fake) => {
  const { peer, fd } = opened(fake);
  const watch = new Watch(arena(), fd, 0);
  peer.send(BYTES);
  let tries = 0;
  watch.rest(30);
  assert.ok(watch.resting);
  watch.waitReadable(() => (tries += 1, true));
  await turns();
  assert.deepEqual([tries, fake.count("epoll_ctl")], [0, 0]);
  while (watch.resting) await delay(5);
  assert.equal(tries, 1);
  watch.forget();
  await turns();
  fake.kernel.close(fd);
});
