/** SocketEnd.from(): one door for a number, a token and a received descriptor. */

import { write } from "../../ffi/mod.ts";
import { ReceivedDescriptor, SocketEnd, socketpair } from "../../mod.ts";
import { closeSync, openSync } from "node:fs";
import { assert, test, TYPES } from "../_support.ts";
import { numberOf } from "../_waiting.ts";
import { openFile } from "../peers/_sockets.ts";

const ONE = new Uint8Array([1]);

/** A descriptor as it comes with a message. */
async function received(sent: SocketEnd | number): Promise<ReceivedDescriptor> {
  await using carrier = socketpair({ type: "seqpacket", chunks: "messages" });
  await carrier[0].writable.getWriter().write({ data: ONE, descriptors: [sent] });
  return (await carrier[1].readable.getReader().read()).value!.descriptors[0]!;
}

for (const type of TYPES) {
  const doors = {
    "a number": (end: SocketEnd) => SocketEnd.from(end.detach().fd),
    "a token": (end: SocketEnd) => SocketEnd.from(structuredClone(end.transfer())),
    "a received descriptor": async (end: SocketEnd) => SocketEnd.from(await received(end)),
  };
  for (const [name, door] of Object.entries(doors)) {
    test(`${type}: from() makes an end of ${name}, the same socket`, async () => {
      await using pair = socketpair({ type });
      const file = openFile(numberOf(pair[1]));
      await using end = await door(pair[1]);
      assert.deepEqual([end.type, openFile(numberOf(end)), numberOf(pair[1])], [type, file, -1]);
      await pair[0].write(ONE);
      assert.equal(await end.read(new Uint8Array(1)), 1);
      await end.write(ONE);
      assert.equal(await pair[0].read(new Uint8Array(1)), 1);
    });
  }
}

test("from() of a received descriptor leaves the object empty, which cannot be used again", async () => {
  await using pair = socketpair();
  const descriptor = await received(pair[1]);
  await using end = SocketEnd.from(descriptor);
  assert.deepEqual([descriptor.fd, end.type], [-1, "stream"]);
  const message = "Cannot adopt the descriptor: it is closed, or was given up";
  assert.throws(() => SocketEnd.from(descriptor), { name: "TypeError", message });
  descriptor.close();
  await pair[0].write(ONE);
  assert.equal(await end.read(new Uint8Array(1)), 1);
});

test("from() refuses the number that a received descriptor owns, and takes it once it was given up", async () => {
  await using pair = socketpair();
  const descriptor = await received(pair[1]);
  const { fd } = descriptor;
  const message = `Cannot adopt descriptor ${fd}: another object of this thread owns it`;
  assert.throws(() => SocketEnd.from(fd), { name: "TypeError", message });
  await using end = SocketEnd.from(descriptor.detach());
  assert.equal(end.fd, fd);
});

test("from() of a received file fails, and the file stays the object's", async () => {
  const file = openSync("/dev/null", "w");
  using descriptor = await received(file);
  closeSync(file);
  assert.throws(() => SocketEnd.from(descriptor), { name: "SocketError", code: "ENOTSOCK" });
  assert.equal(write(descriptor.fd, ONE), 1);
});

test("from() that is refused for its options leaves each source as it was", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const framing = { framing: "uint32le" } as const;
  const refusal = { name: "TypeError", message: /^Cannot use framing on type "seqpacket"/ };
  const { fd } = pair[1].detach();
  assert.throws(() => SocketEnd.from(fd, framing), refusal);
  const descriptor = await received(SocketEnd.from(fd));
  assert.throws(() => SocketEnd.from(descriptor, framing), refusal);
  const token = SocketEnd.from(descriptor).transfer();
  assert.throws(() => SocketEnd.from(token, framing), {
    name: "TypeError",
    message: 'Cannot receive the end: framing is "uint32le", and undefined in the token',
  });
  await using end = SocketEnd.from(token);
  await pair[0].write(ONE);
  assert.equal(await end.read(new Uint8Array(1)), 1);
});

test("from() gives the end the options, whatever the door", async () => {
  await using pair = socketpair();
  const options = { framing: "uint16be", allowHalfOpen: false } as const;
  let end = SocketEnd.from(pair[1].detach().fd, options);
  end = SocketEnd.from(await received(end), options);
  end = SocketEnd.from(end.transfer(), options);
  await pair[0].write(new Uint8Array([0, 1, 7]));
  await pair[0].closeWrite();
  assert.deepEqual(await Array.fromAsync(end.readable), [new Uint8Array([7])]);
  await end.closed;
});

test("from() takes a token once, also a copy of it", async () => {
  await using pair = socketpair();
  const token = pair[1].transfer();
  const copy = structuredClone(token);
  await using end = SocketEnd.from(copy);
  const message = "Cannot receive the end: the token was received or revoked before";
  for (const again of [token, copy]) assert.throws(() => SocketEnd.from(again), { name: "TypeError", message });
  assert.equal(end.type, "stream");
});

test("new SocketEnd() and new ReceivedDescriptor() are refused, and say what makes them", () => {
  const kinds = [
    [SocketEnd, "Cannot construct a SocketEnd: socketpair() and SocketEnd.from() make them"],
    [ReceivedDescriptor, "Cannot construct a ReceivedDescriptor: messages bring them"],
  ] as const;
  for (const [kind, message] of kinds) {
    for (const args of [[], [0]]) {
      assert.throws(() => Reflect.construct(kind, args), { name: "TypeError", message });
    }
  }
});

test("SocketEnd.from() refuses a socket of another type than it was told, and leaves it alone", async () => {
  const [left, right] = socketpair({ type: "seqpacket" });
  const { fd } = right.detach();
  assert.throws(() => SocketEnd.from(fd, { type: "stream" }), {
    name: "TypeError",
    message: `Cannot adopt descriptor ${fd}: it is of type "seqpacket", not "stream"`,
  });
  const end = SocketEnd.from(fd, { type: "seqpacket" });
  const token = end.transfer();
  assert.throws(() => SocketEnd.from(token, { type: "dgram" }), {
    message: 'Cannot receive the end: type is "dgram", and "seqpacket" in the token',
  });
  await SocketEnd.from(token, { type: "seqpacket" }).close();
  await left.close();
});
