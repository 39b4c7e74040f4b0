/** Records over the limit, and chunks that change while they wait. */

import type { SocketEnd } from "../../mod.ts";
import type { FakeLibc } from "./_libc.ts";
import type { FakeSocket } from "./_socket.ts";
import {
  assert,
  code,
  drain,
  fakeTest,
  fill,
  foreign,
  isPending,
  later,
  pattern,
  reason,
  turns,
  value,
} from "./_support.ts";

fakeTest("write() of a record over SO_SNDBUF raises it, once", async (fake) => {
  const { end, own, peer } = foreign(fake, "seqpacket");
  const writer = end.writable.getWriter();
  await value(writer.write(pattern(212_960)));
  assert.equal(fake.count("setsockopt"), 0);
  drain(peer);
  await value(writer.write(pattern(300_001)));
  assert.equal(own.sendBuffer, 300_034);
  assert.deepEqual(drain(peer), [pattern(300_001)]);
  await value(writer.write(pattern(300_000)));
  assert.equal(fake.count("setsockopt"), 1);
  drain(peer);
  await value(end.close());
});

fakeTest("write() of a record over what SO_SNDBUF can be is a RangeError with both sizes", async (fake) => {
  const { end, own } = foreign(fake, "seqpacket");
  const writer = end.writable.getWriter();
  const error = await reason(writer.write(new Uint8Array(425_953)));
  assert.ok(error instanceof RangeError);
  assert.match(error.message, /425953 bytes.* 425952 bytes/);
  assert.equal(own.sendBuffer, 425_984);
  assert.equal(await reason(end.closed), error);
  end[Symbol.dispose]();
});

fakeTest("write() of a record at what SO_SNDBUF can be is sent", async (fake) => {
  const { end, peer } = foreign(fake, "dgram");
  await value(end.writable.getWriter().write(new Uint8Array(425_952)));
  assert.equal(drain(peer)[0]!.byteLength, 425_952);
  await value(end.close());
});

for (const name of ["getsockopt", "setsockopt"] as const) {
  fakeTest(`write() of a record over SO_SNDBUF rejects if ${name} fails`, async (fake) => {
    const { end } = foreign(fake, "seqpacket");
    fake.fail(name, ["ENOBUFS"]);
    assert.equal(await code(end.writable.getWriter().write(new Uint8Array(300_000))), "ENOBUFS");
    end[Symbol.dispose]();
  });
}

fakeTest("write() rejects with EMSGSIZE if the record is refused after SO_SNDBUF was raised", async (fake) => {
  const { end } = foreign(fake, "seqpacket");
  fake.fail("sendmsg", [null, "EMSGSIZE"]);
  assert.equal(await code(end.writable.getWriter().write(new Uint8Array(300_000))), "EMSGSIZE");
  end[Symbol.dispose]();
});

fakeTest("write() of a record waits on EAGAIN after SO_SNDBUF was raised", async (fake) => {
  const { end, peer } = foreign(fake, "seqpacket");
  fake.fail("sendmsg", [null, "EAGAIN", "EINTR"]);
  await value(end.writable.getWriter().write(pattern(300_000)));
  assert.deepEqual(drain(peer), [pattern(300_000)]);
  await value(end.close());
});

/** Writes a chunk of which the first 100 bytes are sent, and nothing more until the peer has made room. */
function writeInPart(
  fake: FakeLibc,
  { end, own }: { end: SocketEnd; own: FakeSocket },
  chunk: Uint8Array,
): Promise<void> {
  fake.fail("sendmsg", [{ short: 100 }, () => void fill(own, new Uint8Array(30_000))]);
  return later(end.writable.getWriter().write(chunk));
}

fakeTest("write() rejects with TypeError if its chunk is detached after a part was sent", async (fake) => {
  const { end, own, peer } = foreign(fake);
  const chunk = pattern(5000);
  const write = writeInPart(fake, { end, own }, chunk);
  assert.ok(await isPending(write));
  structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
  drain(peer);
  assert.ok(await reason(write) instanceof TypeError);
  end[Symbol.dispose]();
});

fakeTest("write() rejects with TypeError if its chunk has shrunk after a part was sent", async (fake) => {
  const { end, own, peer } = foreign(fake);
  const buffer = new ArrayBuffer(5000, { maxByteLength: 5000 });
  const write = writeInPart(fake, { end, own }, new Uint8Array(buffer));
  assert.ok(await isPending(write));
  buffer.resize(50);
  drain(peer);
  const error = await reason(write);
  assert.ok(error instanceof TypeError);
  assert.match(error.message, /detached or shrunk/);
  end[Symbol.dispose]();
});

for (const type of ["seqpacket", "dgram"] as const) {
  fakeTest(`write() on ${type} rejects with TypeError if its record is detached while it waits`, async (fake) => {
    const { end, own, peer } = foreign(fake, type);
    fill(own);
    const chunk = pattern(50);
    const write = later(end.writable.getWriter().write(chunk));
    await turns();
    structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
    const before = drain(peer).length;
    assert.ok(await reason(write) instanceof TypeError);
    assert.ok(before > 0 && drain(peer).length === 0);
    end[Symbol.dispose]();
  });
}

fakeTest("write() sends what the chunk is when there is room, if nothing was sent before", async (fake) => {
  const { end, own, peer } = foreign(fake, "seqpacket");
  fill(own);
  const chunk = pattern(50);
  const write = end.writable.getWriter().write(chunk);
  await turns();
  chunk.fill(7);
  drain(peer);
  await value(write);
  assert.deepEqual(drain(peer), [new Uint8Array(50).fill(7)]);
  await value(end.close());
});
