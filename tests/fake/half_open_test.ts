/** What becomes of an end whose peer has ended its direction. */

import { CONSTANTS } from "../../ffi/systems/linux.ts";
import { isOpen } from "../_waiting.ts";
import { CONNECTED } from "../_support.ts";
import { assert, codes, drain, fakeTest, fill, foreign, isPending, later, turns, value } from "./_support.ts";

const BYTES = new Uint8Array([1, 2, 3]);

for (const type of CONNECTED) {
  fakeTest(`allowHalfOpen: false on ${type} closes the end when the peer ends, after its writes`, async (fake) => {
    const { end, own, peer } = foreign(fake, type, { allowHalfOpen: false });
    fill(own);
    const read = end.readable.getReader().read();
    const write = end.writable.getWriter().write(BYTES);
    await turns();
    peer.shutdown(CONSTANTS.SHUT_WR);
    assert.equal((await value(read)).done, true);
    assert.ok(await isPending(end.closed));
    drain(peer);
    await value(Promise.all([write, end.closed]));
    assert.equal(isOpen(end), false);
  }, { reuse: true });

  fakeTest(`allowHalfOpen: false on ${type} closes an idle end at once`, async (fake) => {
    const { end, peer } = foreign(fake, type, { allowHalfOpen: false });
    const read = end.readable.getReader().read();
    await turns();
    peer.shutdown(CONSTANTS.SHUT_WR);
    assert.equal((await value(read)).done, true);
    await value(end.closed);
    assert.equal(isOpen(end), false);
  }, { reuse: true });

  fakeTest(`allowHalfOpen: false on ${type} is no concern of cancel(), which the peer has no part in`, async (fake) => {
    const { end, peer } = foreign(fake, type, { allowHalfOpen: false });
    await value(end.readable.cancel());
    await value(end.writable.getWriter().write(BYTES));
    assert.deepEqual(drain(peer), [BYTES]);
    await value(end.close());
  });

  fakeTest(`allowHalfOpen: false on ${type} tells of a write that fails after the peer's end`, async (fake) => {
    const { end, own, peer } = foreign(fake, type, { allowHalfOpen: false });
    fill(own);
    const read = end.readable.getReader().read();
    const write = later(end.writable.getWriter().write(BYTES));
    await turns();
    drain(own);
    peer.shutdown(CONSTANTS.SHUT_WR);
    assert.equal((await value(read)).done, true);
    drain(peer);
    fake.fail("sendmsg", ["EPIPE"]);
    assert.deepEqual(await codes(write, end.closed), ["EPIPE", "EPIPE"]);
    assert.equal(isOpen(end), false);
  });
}
