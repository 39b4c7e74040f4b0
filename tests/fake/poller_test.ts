/** A poller that cannot be had: a wait that lasts rejects, one that is over at once does not notice. */

import { socketpair } from "../../mod.ts";
import { isOpen } from "../_waiting.ts";
import { END } from "./_packet.ts";
import type { Code } from "./_script.ts";
import {
  assert,
  code,
  codes,
  drain,
  fakeTest,
  fill,
  foreign,
  isPending,
  later,
  reason,
  turns,
  value,
} from "./_support.ts";

const SCARCE = ["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS"] as const;
const BYTES = new Uint8Array([1, 2, 3]);
/** More often than the module may try. */
const often = (errno: Code): Code[] => new Array<Code>(300).fill(errno);

for (const name of ["epoll_create1", "epoll_ctl", "createWaiter"] as const) {
  for (const errno of SCARCE) {
    fakeTest(`read() rejects if ${name} goes on failing with ${errno}, and the next end can wait`, async (fake) => {
      const [first, second] = [foreign(fake), foreign(fake)];
      fake.fail(name, often(errno));
      assert.equal(await code(first.end.readable.getReader().read()), errno);
      fake.forget();
      const read = second.end.readable.getReader().read();
      assert.ok(await isPending(read));
      second.peer.send(BYTES);
      assert.deepEqual((await value(read)).value, BYTES);
      for (const { end } of [first, second]) end[Symbol.dispose]();
    });

    fakeTest(
      `write() rejects if ${name} goes on failing with ${errno}, and the peer reads to the end`,
      async (fake) => {
        const { end, own, peer } = foreign(fake);
        fill(own);
        fake.fail(name, often(errno));
        const writer = end.writable.getWriter();
        assert.deepEqual(await codes(writer.write(BYTES), later(writer.closed), end.closed), [errno, errno, errno]);
        fake.forget();
        drain(peer);
        assert.deepEqual(peer.receive(), END);
        await value(end.readable.cancel());
        assert.equal(isOpen(end), false);
      },
    );

    fakeTest(`read() of a pair rejects if ${name} goes on failing with ${errno}`, async (fake) => {
      using pair = socketpair();
      fake.fail(name, often(errno));
      const read = later(pair[0].readable.getReader().read());
      assert.equal(await code(read), errno);
      fake.forget();
      await value(pair[0].writable.getWriter().write(BYTES));
    });
  }

  fakeTest(`read() outlasts one failure of ${name}, or tells of it`, async (fake) => {
    const { end, peer } = foreign(fake);
    fake.fail(name, ["ENOMEM"]);
    const read = later(end.readable.getReader().read());
    if (await isPending(read)) {
      peer.send(BYTES);
      assert.deepEqual((await value(read)).value, BYTES);
    } else {
      assert.equal(await code(read), "ENOMEM");
    }
    end[Symbol.dispose]();
  });

  fakeTest(`read() of a pair is served although ${name} fails meanwhile`, async (fake) => {
    using pair = socketpair();
    const read = later(pair[0].readable.getReader().read());
    fake.fail(name, ["ENOMEM"]);
    await value(pair[1].writable.getWriter().write(BYTES));
    assert.deepEqual((await value(read)).value, BYTES);
    fake.forget();
  });
}

fakeTest("close() of a pair leaves no poller although epoll_ctl has failed for both ends", async (fake) => {
  const pair = socketpair();
  fake.fail("epoll_ctl", often("ENOMEM"));
  const reads = pair.map((end) => later(end.readable.getReader().read()));
  await turns(3);
  fake.forget();
  await value(Promise.all(pair.map((end) => later(end.close()).catch(() => {}))));
  await value(Promise.allSettled(reads));
});

fakeTest("read() is woken although epoll_ctl fails for the write that goes on waiting", async (fake) => {
  const { end, own, peer } = foreign(fake);
  fill(own);
  const read = later(end.readable.getReader().read());
  const write = later(end.writable.getWriter().write(BYTES));
  await turns();
  fake.fail("epoll_ctl", ["ENOMEM"]);
  peer.send(BYTES);
  assert.deepEqual((await value(read)).value, BYTES);
  // Either outcome is right, as long as there is one: the write waits on, or it fails.
  drain(peer);
  await value(Promise.allSettled([write]));
  end[Symbol.dispose]();
});

fakeTest("read() of one end is woken although epoll_ctl fails for another end in the same wake", async (fake) => {
  const [first, second] = [foreign(fake), foreign(fake)];
  fill(first.own);
  const others = [later(first.end.readable.getReader().read()), later(first.end.writable.getWriter().write(BYTES))];
  const read = second.end.readable.getReader().read();
  await turns();
  fake.fail("epoll_ctl", ["ENOMEM"]);
  first.peer.send(BYTES);
  second.peer.send(BYTES);
  assert.deepEqual((await value(read)).value, BYTES);
  for (const { end } of [first, second]) end[Symbol.dispose]();
  await value(Promise.allSettled(others));
});

fakeTest("close() of an end that waits in the same turn as one that fails leaves nothing open", async (fake) => {
  const [left, right] = socketpair({ allowHalfOpen: false });
  fake.fail("sendmsg", ["EAGAIN", "EAGAIN", "EAGAIN"]);
  fake.fail("epoll_create1", ["EMFILE"]);
  // Both ask the poller in the next turn. The first fails, which is the other's end of stream, and so that one is closed.
  const write = later(left.writable.getWriter().write(BYTES));
  const read = right.readable.getReader().read();
  assert.equal(await code(write), "EMFILE");
  assert.equal((await value(read)).done, true);
  await value(right.closed);
  left[Symbol.dispose]();
}, { reuse: true });

fakeTest("read() rejects with ENOSPC, by name, if this user may watch no more descriptors", async (fake) => {
  const { end } = foreign(fake);
  fake.fail("epoll_ctl", ["ENOSPC"]);
  const error = await reason(end.readable.getReader().read()) as Error;
  assert.equal(error.message, "Cannot wait for the socket: this user watches too many descriptors (ENOSPC)");
  end[Symbol.dispose]();
});
