/** One owner for each descriptor: what closes it, what moves it, and what lets go of it first. */

import { OwnedDescriptor } from "../../ffi/owned_descriptor.ts";
import { SocketEnd } from "../../mod.ts";
import { collectUntil, noCollector } from "../_collect.ts";
import { test } from "../_support.ts";
import type { FakeLibc } from "./_libc.ts";
import { assert, fakeTest, foreign, onFake } from "./_support.ts";

/** A descriptor that is open and that no object owns. */
const opened = (fake: FakeLibc): number => fake.calls.eventfd(0, 0);

fakeTest("OwnedDescriptor closes once, by close() and at the end of a block", (fake) => {
  const fd = opened(fake);
  {
    using owned = new OwnedDescriptor(fd);
    assert.equal(owned.fd, fd);
    assert.ok(OwnedDescriptor.owns(fd));
    owned.close();
    assert.equal(owned.fd, -1);
    owned.close();
  }
  assert.equal(fake.count("close"), 1);
  assert.equal(OwnedDescriptor.owns(fd), false);
}, { reuse: true });

for (const way of ["close", "detach"] as const) {
  fakeTest(`OwnedDescriptor.${way}() has its user let go before the number is free`, (fake) => {
    const fd = opened(fake);
    const open: boolean[] = [];
    const owned = new OwnedDescriptor(fd, { forget: () => void open.push(fake.kernel.file(fd) !== undefined) });
    owned[way]();
    assert.deepEqual(open, [true]);
    if (way === "detach") fake.calls.close(fd);
  });
}

fakeTest("OwnedDescriptor.detach() gives it up open, and once", (fake) => {
  const owned = new OwnedDescriptor(opened(fake));
  const fd = owned.detach();
  assert.throws(() => owned.detach(), TypeError);
  owned.close();
  assert.equal(fake.calls.close(fd), 0);
});

fakeTest("OwnedDescriptor.move() makes one new owner, or stays where making it throws", (fake) => {
  const owned = new OwnedDescriptor(opened(fake));
  const { fd } = owned;
  assert.throws(() =>
    owned.move(() => {
      throw new RangeError("no");
    }), RangeError);
  assert.deepEqual([owned.fd, OwnedDescriptor.owns(fd)], [fd, true]);
  using other = owned.move((number) => new OwnedDescriptor(number));
  assert.deepEqual([owned.fd, other.fd, OwnedDescriptor.owns(fd)], [-1, fd, true]);
  owned.close();
  assert.equal(fake.count("close"), 0);
});

fakeTest("SocketEnd.from() refuses a number that another object owns, and takes one that was given up", (fake) => {
  const { end, fd } = foreign(fake);
  assert.throws(() => SocketEnd.from(fd), TypeError);
  assert.equal(end.detach().fd, fd);
  SocketEnd.from(fd)[Symbol.dispose]();
});

fakeTest("OwnedDescriptor.duplicate() leaves the first open", (fake) => {
  const fd = opened(fake);
  using first = new OwnedDescriptor(fd);
  using second = OwnedDescriptor.duplicate(fd, 3);
  assert.notEqual(second.fd, first.fd);
  second.close();
  assert.ok(fake.kernel.file(fd) !== undefined);
  fake.fail("fcntl", ["EMFILE"]);
  assert.throws(() => OwnedDescriptor.duplicate(fd, 3), { code: "EMFILE" });
});

test("OwnedDescriptor that is collected is closed, after its user has let go", async () => {
  await onFake(async (fake) => {
    const forgotten: boolean[] = [];
    const abandon = (): number => {
      const fd = opened(fake);
      void new OwnedDescriptor(fd, { forget: () => void forgotten.push(fake.kernel.file(fd) !== undefined) });
      return fd;
    };
    const fd = abandon();
    await collectUntil(() => fake.kernel.file(fd) === undefined);
    assert.equal(fake.kernel.file(fd), undefined);
    assert.deepEqual(forgotten, [true]);
    assert.equal(OwnedDescriptor.owns(fd), false);
  });
}, { skip: noCollector });
