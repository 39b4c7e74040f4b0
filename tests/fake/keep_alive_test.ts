/** What the waiter is told: whether anything waits, and whether that is to hold the process open. */

import { socketpair } from "../../mod.ts";
import type { FakeLibc } from "./_libc.ts";
import { assert, clock, drain, fakeTest, fill, foreign, later, turns, value } from "./_support.ts";

const BYTES = new Uint8Array([1, 2, 3]);

/** A signal, and what aborts it. */
function aborting(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

/** What the one waiter knows now. */
function state(fake: FakeLibc): "none" | "idle" | "waits" | "holds" {
  const waiters = fake.waiters.filter(({ closed }) => !closed);
  assert.ok(waiters.length <= 1, "more than one waiter");
  if (waiters[0] === undefined) return "none";
  if (waiters[0].holds) return "holds";
  return waiters[0].waits ? "waits" : "idle";
}

fakeTest("read() that waits holds the process open, and one that is served does not", async (fake) => {
  const { end, peer } = foreign(fake);
  assert.equal(state(fake), "none");
  const read = end.readable.getReader().read();
  await turns();
  assert.equal(state(fake), "holds");
  assert.deepEqual(fake.waiters[0]!.told, ["arm(true)"]);
  peer.send(BYTES);
  await value(read);
  assert.equal(state(fake), "idle");
  await value(end.close());
  assert.equal(fake.waiters[0]!.told.at(-1), "close()");
});

fakeTest("write() that waits holds the process open, and one that is served does not", async (fake) => {
  const { end, own, peer } = foreign(fake);
  fill(own);
  const write = end.writable.getWriter().write(BYTES);
  await turns();
  assert.equal(state(fake), "holds");
  drain(peer);
  await value(write);
  assert.equal(state(fake), "idle");
  await value(end.close());
});

fakeTest("unref() and ref() change at once what a read that waits holds", async (fake) => {
  const { end } = foreign(fake);
  const read = end.readable.getReader().read();
  await turns();
  end.unref();
  assert.equal(state(fake), "waits");
  end.ref();
  assert.equal(state(fake), "holds");
  end.unref();
  end.unref();
  assert.equal(state(fake), "waits");
  assert.deepEqual(fake.waiters[0]!.told.slice(0, 3), ["arm(true)", "arm(false)", "arm(true)"]);
  await value(end.close());
  assert.equal((await value(read)).done, true);
});

fakeTest(
  "unref() before a read keeps it from holding the process open, and it is served all the same",
  async (fake) => {
    const { end, peer } = foreign(fake);
    end.unref();
    const reader = end.readable.getReader();
    for (let round = 0; round < 3; round += 1) {
      const read = reader.read();
      await turns();
      assert.equal(state(fake), "waits");
      peer.send(BYTES);
      assert.deepEqual((await value(read)).value, BYTES);
    }
    assert.ok(fake.waiters.every(({ told }) => !told.includes("arm(true)")));
    await value(end.close());
  },
);

fakeTest("unref() of one end leaves what another holds", async (fake) => {
  const [first, second] = [foreign(fake), foreign(fake)];
  const reads = [first, second].map(({ end }) => end.readable.getReader().read());
  await turns();
  first.end.unref();
  assert.equal(state(fake), "holds");
  await value(second.end.close());
  assert.equal(state(fake), "waits");
  first.end.ref();
  assert.equal(state(fake), "holds");
  await value(first.end.close());
  for (const read of reads) assert.equal((await value(read)).done, true);
});

fakeTest("unref() of an end holds neither of its directions", async (fake) => {
  const { end, own, peer } = foreign(fake);
  fill(own);
  end.unref();
  const read = end.readable.getReader().read();
  const write = end.writable.getWriter().write(BYTES);
  await turns();
  assert.equal(state(fake), "waits");
  drain(peer);
  await value(write);
  assert.equal(state(fake), "waits");
  end.ref();
  assert.equal(state(fake), "holds");
  await value(end.close());
  await value(read);
});

for (const way of ["cancel()", "abort()", "close(reason)", "dispose()"] as const) {
  fakeTest(`${way} of what waits lets go of the process`, async (fake) => {
    const idle = foreign(fake);
    const { end, own } = foreign(fake);
    fill(own);
    // Keeps the poller open: what was known to it once stays known until it is closed.
    fake.fail("recvmsg", ["EAGAIN"]);
    idle.peer.send(BYTES);
    await value(idle.end.readable.getReader().read());
    const reader = end.readable.getReader();
    const writer = end.writable.getWriter();
    const pending = way === "abort()" ? later(writer.write(BYTES)) : later(reader.read());
    await turns();
    assert.equal(state(fake), "holds");
    if (way === "cancel()") await value(reader.cancel());
    else if (way === "abort()") await value(writer.abort(new Error("enough")));
    else if (way === "close(reason)") later(end.close(new Error("enough")));
    else end[Symbol.dispose]();
    assert.equal(state(fake), "idle");
    await value(Promise.allSettled([pending]));
    for (const each of [idle.end, end]) each[Symbol.dispose]();
  });
}

fakeTest("read() of a pair asks the waiter for nothing if the other end serves it in the same turn", async (fake) => {
  clock.step = 0;
  await using pair = socketpair();
  const reader = pair[0].readable.getReader();
  const writer = pair[1].writable.getWriter();
  for (let round = 0; round < 20; round += 1) {
    const read = reader.read();
    await writer.write(BYTES);
    assert.deepEqual((await read).value, BYTES);
  }
  await turns();
  assert.equal(fake.waiters.length, 0);
  assert.equal(fake.count("epoll_create1"), 0);
});

fakeTest("read() of a pair that is not served holds the process open until it is", async (fake) => {
  await using pair = socketpair();
  const read = pair[0].readable.getReader().read();
  await turns();
  assert.equal(state(fake), "holds");
  await value(pair[1].writable.getWriter().write(BYTES));
  await value(read);
  assert.equal(state(fake), "idle");
});

fakeTest(
  "close() of the last end that was waited for closes the poller, and the next wait opens another",
  async (fake) => {
    for (let round = 1; round <= 3; round += 1) {
      const { end, peer } = foreign(fake);
      const read = end.readable.getReader().read();
      await turns();
      assert.equal(state(fake), "holds");
      peer.close();
      assert.equal((await value(read)).done, true);
      end[Symbol.dispose]();
      await turns();
      assert.equal(state(fake), "none");
      assert.equal(fake.count("epoll_create1"), round);
    }
  },
  { reuse: true },
);

fakeTest("close() of the poller and a wait in the same turn do not meet", async (fake) => {
  const [first, second] = [foreign(fake), foreign(fake)];
  const reads = [first.end.readable.getReader().read()];
  await turns();
  first.end[Symbol.dispose]();
  reads.push(second.end.readable.getReader().read());
  await turns();
  second.peer.send(BYTES);
  assert.equal((await value(reads[0]!)).done, true);
  assert.deepEqual((await value(reads[1]!)).value, BYTES);
  await value(second.end.close());
}, { reuse: true, closesAtOnce: true });

fakeTest("peerClosed does not hold the process open, and neither lets go of a read that does", async (fake) => {
  const { end, peer } = foreign(fake);
  const gone = later(end.peerClosed);
  await turns();
  assert.equal(state(fake), "waits");
  const read = end.readable.getReader().read();
  await turns();
  assert.equal(state(fake), "holds");
  peer.send(BYTES);
  await value(read);
  await turns();
  assert.equal(state(fake), "waits");
  peer.close();
  await value(gone);
  assert.equal(state(fake), "idle");
  end[Symbol.dispose]();
  assert.ok(fake.waiters.every(({ holds }) => !holds));
});

fakeTest("ref() of an end of which only peerClosed is waited for holds nothing open", async (fake) => {
  const { end } = foreign(fake);
  void end.peerClosed;
  end.unref();
  end.ref();
  await turns();
  assert.equal(state(fake), "waits");
  end[Symbol.dispose]();
});

for (const way of ["end.read()", "end.write()", "end.flush()"] as const) {
  fakeTest(`${way} that waits holds the process open, and its signal lets go of it`, async (fake) => {
    // Keeps the poller open.
    const other = foreign(fake);
    void other.end.peerClosed;
    const { end, own } = foreign(fake, "seqpacket");
    fill(own);
    const { signal, abort } = aborting();
    if (way === "end.read()") later(end.read(new Uint8Array(10), { signal }));
    else later(end.write(BYTES, { signal }));
    const flush = way === "end.flush()" ? end.flush() : undefined;
    await turns();
    assert.equal(state(fake), "holds");
    abort();
    if (flush !== undefined) await value(flush);
    assert.equal(state(fake), "waits");
    for (const each of [other.end, end]) each[Symbol.dispose]();
  });
}
