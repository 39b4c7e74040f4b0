/** Two ends of one thread wake each other, and the kernel is not asked: until somebody else may have a duplicate. */

import { socketpair } from "../../mod.ts";
import { lendEnd } from "../../streams/socket_end.ts";
import type { FakeLibc } from "./_libc.ts";
import type { FakeSocket } from "./_socket.ts";
import { assert, fakeTest, later, turns, value } from "./_support.ts";

const BYTES = new Uint8Array([1, 2, 3]);

/** What somebody else with a duplicate uses. */
const socketOf = (fake: FakeLibc, fd: number): FakeSocket => fake.kernel.file(fd) as FakeSocket;

fakeTest("read() of a pair is no business of epoll's", async (fake) => {
  await using pair = socketpair();
  const read = pair[0].readable.getReader().read();
  await turns(20);
  await value(pair[1].writable.getWriter().write(BYTES));
  assert.deepEqual((await value(read)).value, BYTES);
  assert.equal(fake.count("epoll_ctl"), 0);
});

for (const which of [0, 1] as const) {
  fakeTest(
    `read() that waits is told to epoll once the number of ${which === 0 ? "its" : "the other"} end is told`,
    async (fake) => {
      await using pair = socketpair();
      const read = later(pair[0].readable.getReader().read());
      await turns(20);
      assert.equal(fake.count("epoll_ctl"), 0);
      assert.ok(pair[which].fd > 0);
      assert.equal(fake.count("epoll_ctl"), 1);
      socketOf(fake, pair[1].fd).send(BYTES);
      assert.deepEqual((await value(read)).value, BYTES);
    },
  );
}

for (const act of ["detach", "lend"] as const) {
  fakeTest(
    `read() that waits is told to epoll when the other end is ${act === "lend" ? "lent" : "detached"}`,
    async (fake) => {
      await using pair = socketpair();
      const read = later(pair[0].readable.getReader().read());
      await turns(20);
      const { fd } = act === "lend" ? lendEnd(pair[1]) : pair[1].detach();
      socketOf(fake, fd).send(BYTES);
      assert.deepEqual((await value(read)).value, BYTES);
      if (act === "detach") fake.kernel.close(fd);
    },
  );
}

fakeTest("read() after a record that another owner of the other end has sent finds it", async (fake) => {
  await using pair = socketpair({ type: "seqpacket" });
  const reader = pair[0].readable.getReader();
  await value(pair[1].writable.getWriter().write(BYTES));
  await value(reader.read());
  socketOf(fake, pair[1].fd).send(BYTES);
  assert.deepEqual((await value(reader.read())).value, BYTES);
});

fakeTest("read() after an EAGAIN that was not for want of data still finds all records", async (fake) => {
  await using pair = socketpair({ type: "seqpacket" });
  const reader = pair[0].readable.getReader();
  const writer = pair[1].writable.getWriter();
  const first = reader.read();
  await turns(20);
  fake.fail("recvmsg", ["EAGAIN"]);
  await value(Promise.all([writer.write(BYTES), writer.write(BYTES)]));
  assert.deepEqual((await value(first)).value, BYTES);
  assert.deepEqual((await value(reader.read())).value, BYTES);
});
