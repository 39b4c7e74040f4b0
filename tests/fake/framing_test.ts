/** Framed records: what is held back is sent in the end, or fails what waits for it. */

import { joined } from "../_joined.ts";
import {
  assert,
  code,
  codes,
  drain,
  dripping,
  fakeTest,
  fill,
  foreign,
  isPending,
  later,
  outcome,
  pattern,
  reason,
  turns,
  value,
} from "./_support.ts";

const BYTES = new Uint8Array([1, 2, 3]);
const ENOUGH = new Error("enough");
const framed = { framing: "uint32le" } as const;

fakeTest("writer.close() with framing rejects if what was held back cannot be sent", async (fake) => {
  const { end } = foreign(fake, "stream", framed);
  const writer = end.writable.getWriter();
  fake.fail("sendmsg", ["EPIPE"]);
  // In one turn: after it what is held back is sent, and fails.
  const writing = writer.write(BYTES);
  const [closing, closed] = [later(writer.close()), later(writer.closed)];
  await value(writing);
  assert.equal(await code(end.closed), "EPIPE");
  assert.deepEqual(await codes(closing, closed), ["EPIPE", "EPIPE"]);
  end[Symbol.dispose]();
});

fakeTest("writer.close() with framing waits until what was held back is sent", async (fake) => {
  const { end, own, peer } = foreign(fake, "stream", framed);
  fill(own);
  const writer = end.writable.getWriter();
  await value(writer.write(BYTES));
  const closing = writer.close();
  assert.ok(await isPending(closing));
  drain(peer);
  await value(closing);
  assert.deepEqual(drain(peer), [new Uint8Array([3, 0, 0, 0, 1, 2, 3])]);
  end[Symbol.dispose]();
});

fakeTest("writer.abort() with framing does not wait for what was held back", async (fake) => {
  for (const closes of [false, true]) {
    const { end, own } = foreign(fake, "stream", framed);
    fill(own);
    const writer = end.writable.getWriter();
    await value(writer.write(BYTES));
    await turns();
    const closing = closes ? later(writer.close()) : undefined;
    await turns();
    // A close under way that fails takes the abort with it, as the standard has it.
    const { status } = await outcome(writer.abort(ENOUGH));
    assert.equal(status, closes ? "rejected" : "fulfilled");
    if (closing !== undefined) assert.equal(await reason(closing), ENOUGH);
    end[Symbol.dispose]();
  }
});

fakeTest("write() with framing goes on where a short send has stopped", async (fake) => {
  const { end, peer } = foreign(fake, "stream", framed);
  fake.fail("sendmsg", [...dripping(12), { short: 65_000 }, "EAGAIN", { short: 7 }]);
  const writer = end.writable.getWriter();
  await value(writer.write(pattern(3)));
  const large = writer.write(pattern(70_000));
  assert.ok(await isPending(large, 50));
  const begin = drain(peer);
  await value(large);
  await value(writer.close());
  const sent = joined([...begin, ...drain(peer)]);
  assert.equal(sent.byteLength, 4 + 3 + 4 + 70_000);
  assert.deepEqual(sent.subarray(11), pattern(70_000));
  await value(end.close());
});
