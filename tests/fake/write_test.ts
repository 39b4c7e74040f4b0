/** Writing: short sends, and errors at any point. */

import { CONSTANTS } from "../../ffi/systems/linux.ts";
import { readVector } from "./_message.ts";
import type { Step } from "./_script.ts";
import { joined } from "../_joined.ts";
import { TYPES } from "../_support.ts";
import { assert, code, codes, drain, dripping, fakeTest, foreign, later, pattern, value } from "./_support.ts";

for (const length of [20, 4096, 5000]) {
  fakeTest(`write() of ${length} bytes goes on after sends of one byte, EAGAIN and EINTR`, async (fake) => {
    const { end, peer } = foreign(fake);
    fake.fail("sendmsg", dripping(25));
    const bytes = pattern(length);
    await value(end.writable.getWriter().write(bytes));
    assert.deepEqual(joined(drain(peer)), bytes);
    await value(end.close());
  });
}

fakeTest("write() of several parts goes on where a short send has stopped", async (fake) => {
  const { end, peer } = foreign(fake);
  fake.fail("sendmsg", [{ short: 1 }, { short: 4999 }, "EAGAIN", { short: 5 }, { short: 2 }, "EINTR"]);
  const parts = [pattern(5000), new Uint8Array(0), pattern(3), pattern(6000), pattern(10)];
  await value(end.writable.getWriter().write(parts));
  assert.deepEqual(joined(drain(peer)), joined(parts));
  await value(end.close());
});

fakeTest("write() of no part is a message with an entry of nothing, which QEMU needs to send it", async (fake) => {
  const { end } = foreign(fake, "seqpacket");
  await value(end.writable.getWriter().write([new Uint8Array(0), new Uint8Array(0)]));
  const [, header] = fake.log.find(({ name }) => name === "sendmsg")!.values;
  assert.deepEqual(readVector(fake.memory, header!), [new Uint8Array(0)]);
  await value(end.close());
});

for (const type of TYPES) {
  for (const errno of ["EPIPE", "ECONNRESET", "ECONNREFUSED", "ENOBUFS"] as const) {
    fakeTest(`write() on ${type} rejects with ${errno} at once, and after waiting`, async (fake) => {
      for (const steps of [[errno], ["EAGAIN", errno], ["EAGAIN", "EINTR", "EAGAIN", errno]] as Step[][]) {
        const { end } = foreign(fake, type);
        fake.fail("sendmsg", steps);
        const writer = end.writable.getWriter();
        const [first, second] = [writer.write(pattern(9)), writer.write(pattern(9))];
        assert.deepEqual(await codes(first, second, later(writer.closed), end.closed), Array(4).fill(errno));
        end[Symbol.dispose]();
      }
    });
  }
}

for (const errno of ["EPIPE", "ECONNRESET"] as const) {
  fakeTest(`write() rejects with ${errno} in the middle of a chunk`, async (fake) => {
    const { end, peer } = foreign(fake);
    fake.fail("sendmsg", [{ short: 3 }, "EAGAIN", { short: 2 }, errno]);
    assert.equal(await code(end.writable.getWriter().write(pattern(9))), errno);
    assert.deepEqual(joined(drain(peer)), pattern(5));
    end[Symbol.dispose]();
  });
}

fakeTest("write() after the peer has refused everything rejects with EPIPE", async (fake) => {
  const { end, peer } = foreign(fake);
  peer.shutdown(CONSTANTS.SHUT_RD);
  assert.equal(await code(end.writable.getWriter().write(pattern(1))), "EPIPE");
  end[Symbol.dispose]();
});
