/** Writing: short sends, errors at any point, records over the limit, and chunks that change while they wait. */

import type { SocketEnd } from "@socketpair/streams";
import { CONSTANTS } from "../ffi/systems/linux.ts";
import type { FakeLibc, Step } from "./_fake_libc.ts";
import { type FakeSocket, joined } from "./_fake_socket.ts";
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
} from "./_fake_support.ts";

/** Bytes that differ from each other. */
const pattern = (length: number) => Uint8Array.from({ length }, (_, index) => index % 251);

/** Sends one byte a call, now and then with something in between. */
function dripping(length: number): Step[] {
  return Array.from({ length }, (_, index) => index % 7 === 3 ? "EAGAIN" : index % 5 === 2 ? "EINTR" : { short: 1 });
}

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

fakeTest("write() with framing goes on where a short send has stopped", async (fake) => {
  const { end, peer } = foreign(fake, "stream", { framing: "length-prefix" });
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

for (const type of ["stream", "seqpacket", "dgram"] as const) {
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
  assert.match(error.message, /5000 bytes.* 100 .* 50/);
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

fakeTest("write() after the peer has refused everything rejects with EPIPE", async (fake) => {
  const { end, peer } = foreign(fake);
  peer.shutdown(CONSTANTS.SHUT_RD);
  assert.equal(await code(end.writable.getWriter().write(pattern(1))), "EPIPE");
  end[Symbol.dispose]();
});
