/** Adoption that the kernel refuses halfway: who owns the descriptor then. */

import { SocketEnd } from "../../mod.ts";
import { assert, fakeTest, foreign, value } from "./_support.ts";

const MESSAGES = { chunks: "messages", credentials: true } as const;

fakeTest(
  "SocketEnd.from() leaves the descriptor to the caller if it fails halfway",
  async (fake) => {
    const { end } = foreign(fake, "seqpacket");
    const { fd } = end.detach();
    fake.fail("setsockopt", ["ENOMEM"]);
    assert.throws(() => SocketEnd.from(fd, MESSAGES), { name: "SocketError", code: "ENOMEM" });
    // An end that owned it still would refuse this, and the garbage collector would close the number later on.
    await value(SocketEnd.from(fd).close());
  },
);

for (const call of ["getsockopt", "fcntl", "setsockopt"] as const) {
  fakeTest(`SocketEnd.from() leaves nothing open if ${call} fails`, (fake) => {
    const token = foreign(fake, "seqpacket", MESSAGES).end.transfer();
    fake.fail(call, ["ENOMEM"]);
    assert.throws(() => SocketEnd.from(token, { credentials: true }), { name: "SocketError", code: "ENOMEM" });
    assert.deepEqual(fake.kernel.openFiles(), []);
    assert.equal(SocketEnd.revoke(token), false);
  }, { reuse: true });
}
