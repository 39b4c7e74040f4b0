/** Messages that cannot be sent: what was to go with them stays the sender's. */

import { type Message, ReceivedDescriptor, socketpair } from "../../mod.ts";
import { assert, test, TYPES } from "../_support.ts";
import { openFile, socketCount } from "../peers/_sockets.ts";

const ONE = new Uint8Array([1]);

/** Writes a message that is refused. The other side receives nothing, and then the end. */
async function refused(message: unknown, expected: object, type: "stream" | "seqpacket" = "seqpacket"): Promise<void> {
  await using pair = socketpair({ type, chunks: "messages" });
  const before = socketCount();
  await assert.rejects(pair[0].writable.getWriter().write(message as Message), expected);
  assert.equal((await pair[1].readable.getReader().read()).done, true);
  assert.equal(socketCount(), before);
}

test("writable refuses what is no message", async () => {
  const message = /^Cannot write .+: a message is an object with data, and maybe descriptors and credentials$/;
  for (const chunk of [ONE, [ONE], "text", null, undefined, 3, {}, { descriptors: [0] }]) {
    await refused(chunk, { name: "TypeError", message });
  }
  for (const data of [null, undefined, "text", 3]) await refused({ data }, { name: "TypeError" });
});

test("writable refuses what is no descriptor", async () => {
  const message = /^Cannot send a descriptor: it is a number, a SocketEnd or an object with the number as fd, /;
  for (
    const wrong of [-1, 1.5, NaN, "0", null, undefined, {}, { fd: "0" }, ONE, 2 ** 31, 2 ** 32, { fd: 2 ** 32 + 1 }]
  ) {
    await refused({ data: ONE, descriptors: [0, wrong] }, { name: "TypeError", message });
  }
  const closed = { name: "TypeError", message: "Cannot send a descriptor: it is closed" };
  await refused({ data: ONE, descriptors: [0, { fd: -1 }] }, closed);
  // It has the class of one, and is none.
  for (const fd of [undefined, "1", { valueOf: () => 1 }]) {
    const impostor = Object.create(ReceivedDescriptor.prototype, { fd: { value: fd } });
    await refused({ data: ONE, descriptors: [0, impostor] }, { name: "TypeError", message });
  }
});

test("writable refuses descriptors that are no list", async () => {
  await refused({ data: ONE, descriptors: 3 }, { name: "TypeError" });
});

test("writable says EBADF of a number that is not open", async () => {
  await refused({ data: ONE, descriptors: [123_456] }, { name: "SocketError", code: "EBADF", syscall: "sendmsg" });
});

test("writable on a stream refuses a message without a byte", async () => {
  const message = "Cannot write a message on a stream: it has no byte to ride on";
  for (const data of [new Uint8Array(0), [], [new Uint8Array(0)]]) {
    await refused({ data, descriptors: [0] }, { name: "TypeError", message }, "stream");
  }
});

test("writable refuses a closed end, and keeps the others of the message open", async () => {
  using good = socketpair();
  const bad = socketpair();
  await Promise.all(bad.map((end) => end.close()));
  const file = openFile(good[0].fd);
  const message = "Cannot send the end: the end is closed";
  await refused({ data: ONE, descriptors: [good[0], bad[0]] }, { name: "TypeError", message });
  assert.equal(openFile(good[0].fd), file);
});

test("writable refuses an end that has received ahead", async () => {
  await using ahead = socketpair({ type: "seqpacket" });
  await ahead[0].write(ONE);
  await assert.rejects(ahead[1].read(new Uint8Array(0)), RangeError);
  const message = "Cannot send the end: it has received ahead";
  await refused({ data: ONE, descriptors: [ahead[1]] }, { name: "TypeError", message });
  assert.deepEqual((await ahead[1].readable.getReader().read()).value, ONE);
});

test("writable refuses an end whose writes are under way, and they go on", async () => {
  await using pair = socketpair({ sendBufferSize: 4608 });
  const writing = pair[0].writable.getWriter().write(new Uint8Array(100_000));
  const message = "Cannot send the end: writes are under way";
  await refused({ data: ONE, descriptors: [pair[0]] }, { name: "TypeError", message });
  const reader = pair[1].readable.getReader();
  for (let received = 0; received < 100_000;) received += (await reader.read()).value!.length;
  await writing;
});

test("writable refuses the very end that it belongs to: its write is under way", async () => {
  await using pair = socketpair({ type: "seqpacket", chunks: "messages" });
  const message = "Cannot send the end: writes are under way";
  const write = pair[0].writable.getWriter().write({ data: ONE, descriptors: [pair[0]] });
  await assert.rejects(write, { name: "TypeError", message });
});

for (const type of TYPES) {
  test(`writable that fails because the peer is gone leaves an end to be sent as it was: ${type}`, async () => {
    await using pair = socketpair();
    const carrier = socketpair({ type, chunks: "messages" });
    await carrier[1].close();
    const write = carrier[0].writable.getWriter().write({ data: ONE, descriptors: [pair[1]] });
    await assert.rejects(write, { name: "SocketError", code: type === "dgram" ? "ECONNREFUSED" : "EPIPE" });
    await pair[0].writable.getWriter().write(ONE);
    assert.deepEqual((await pair[1].readable.getReader().read()).value, ONE);
    await carrier[0].close().catch(() => {});
  });
}

test("socketpair() refuses messages together with what means nothing for them", () => {
  assert.throws(() => socketpair({ chunks: "messages", framing: "uint32le" }), {
    name: "TypeError",
    message: 'Cannot use chunks "messages" with framing: descriptors ride on bytes, not on records of ours',
  });
  assert.throws(() => socketpair({ credentials: true }), {
    name: "TypeError",
    message: 'Cannot use credentials without chunks "messages": they come with messages',
  });
});
