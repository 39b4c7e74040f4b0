/** No descriptors, no memory: each failure is told once, to the call that met it, and leaves nothing open. */

import { SocketEnd, SocketError, socketpair } from "../../mod.ts";
import { CONSTANTS } from "../../ffi/systems/linux.ts";
import { isOpen } from "../_waiting.ts";
import { assert, code, codes, drain, fakeTest, foreign, value } from "./_support.ts";

const SCARCE = ["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS"] as const;
const BYTES = new Uint8Array([1, 2, 3]);

/** What a call that throws a `SocketError` fails with: its code and the system call. */
function failure(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof SocketError) return `${error.code} ${error.syscall}`;
    throw error;
  }
  return assert.fail("nothing was thrown");
}

for (const errno of SCARCE) {
  fakeTest(`socketpair() throws ${errno} and opens nothing`, (fake) => {
    fake.fail("socketpair", [errno]);
    assert.equal(failure(() => socketpair()), `${errno} socketpair`);
    assert.deepEqual(fake.kernel.openFiles(), []);
    assert.equal(fake.count("close"), 0);
  });

  for (const step of [0, 1, 2, 3]) {
    fakeTest(`socketpair() closes both ends if call ${step} of setsockopt fails with ${errno}`, (fake) => {
      fake.fail("setsockopt", [...new Array<null>(step).fill(null), errno]);
      assert.equal(failure(() => socketpair({ sendBufferSize: 9000, receiveBufferSize: 9000 })), `${errno} setsockopt`);
      assert.equal(fake.count("close"), 2);
    }, { reuse: true });
  }

  fakeTest(`read() rejects with ${errno} from setsockopt, and the end can still send`, async (fake) => {
    const { end, peer } = foreign(fake, "seqpacket");
    fake.fail("setsockopt", [errno]);
    assert.equal(await code(end.readable.getReader().read()), errno);
    const writer = end.writable.getWriter();
    await value(writer.write(BYTES));
    assert.deepEqual(drain(peer), [BYTES]);
    await value(writer.close());
    assert.equal(await code(end.closed), errno);
    assert.equal(isOpen(end), false);
  });

  fakeTest(`SocketEnd.from() throws ${errno} and leaves the descriptor to the caller`, (fake) => {
    for (const name of ["getsockopt", "fcntl"] as const) {
      const [own] = fake.kernel.sockets(CONSTANTS.SOCK_STREAM);
      const fd = fake.kernel.open(own);
      fake.fail(name, [errno]);
      assert.equal(failure(() => SocketEnd.from(fd)), `${errno} ${name}`);
      assert.equal(fake.calls.close(fd), 0);
    }
  });

  fakeTest(`write() rejects with ${errno} from sendmsg`, async (fake) => {
    const { end } = foreign(fake, "seqpacket");
    fake.fail("sendmsg", [errno]);
    assert.deepEqual(await codes(end.writable.getWriter().write(BYTES), end.closed), [errno, errno]);
    end[Symbol.dispose]();
  });

  fakeTest(`read() rejects with ${errno} from recvmsg`, async (fake) => {
    const { end, peer } = foreign(fake, "seqpacket");
    peer.send(BYTES);
    fake.fail("recvmsg", [errno]);
    assert.deepEqual(await codes(end.readable.getReader().read(), end.closed), [errno, errno]);
    end[Symbol.dispose]();
  });
}

fakeTest("socketpair() throws if its memory cannot be mapped, and succeeds when it can", (fake) => {
  fake.fail("mmap", ["ENOMEM"]);
  assert.throws(() => socketpair(), RangeError);
  assert.deepEqual(fake.kernel.openFiles(), []);
  socketpair()[Symbol.dispose]();
});

fakeTest("SocketEnd.close() closes the descriptor whatever close() says", async (fake) => {
  for (const errno of ["EINTR", "EBADF", 5] as const) {
    const { end } = foreign(fake);
    fake.fail("close", [errno]);
    await value(end.close());
    assert.equal(isOpen(end), false);
  }
  assert.equal(fake.count("close"), 3);
}, { reuse: true });
