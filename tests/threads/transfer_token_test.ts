/** Tokens, seen from one thread: the maker, the holder, and that exactly one of them owns the descriptor. */

import { inspect } from "node:util";
import {
  type AnyEnd,
  type ReceivedMessage,
  SocketEnd,
  type SocketEndOptions,
  socketpair,
  type SocketPairOptions,
  type TransferToken,
} from "../../mod.ts";
import { assert, test, TYPES } from "../_support.ts";
import { holders, openFile } from "../peers/_sockets.ts";

const ONE = new Uint8Array([1]);
const USED = { name: "TypeError", message: "Cannot receive the end: the token was received or revoked before" };

for (const type of TYPES) {
  test(`transfer() gives a plain value, and from() an end that goes on: ${type}`, async () => {
    using pair = socketpair({ type });
    const { fd } = pair[1];
    const token = structuredClone(pair[1].transfer());
    assert.deepEqual([token.type, token.fd, token.unread], [type, fd, []]);
    using end = SocketEnd.from(token);
    assert.deepEqual([end.type, end.fd], [type, fd]);
    await pair[0].writable.getWriter().write(ONE);
    assert.deepEqual((await end.readable.getReader().read()).value, ONE);
    await end.writable.getWriter().write(ONE);
    assert.deepEqual((await pair[0].readable.getReader().read()).value, ONE);
  });
}

test("transfer() closes the end for use: its streams fail, a pending read with them, and closed resolves", async () => {
  using pair = socketpair();
  const reading = pair[1].readable.getReader().read();
  const token = pair[1].transfer();
  const detached = { name: "TypeError", message: "Cannot use the stream: the end is detached" };
  assert.equal(pair[1].fd, -1);
  await assert.rejects(reading, detached);
  await assert.rejects(pair[1].writable.getWriter().write(ONE), detached);
  await pair[1].closed;
  assert.ok(SocketEnd.revoke(token));
});

test("transfer() leaves exactly one descriptor, which closing the old end does not touch", async () => {
  using pair = socketpair();
  const file = openFile(pair[1].fd);
  const token = pair[1].transfer();
  await pair[1].close();
  pair[1][Symbol.dispose]();
  assert.deepEqual(holders(file), [token.fd]);
  const end = SocketEnd.from(token);
  assert.deepEqual(holders(file), [token.fd]);
  await end.close();
  assert.deepEqual(holders(file), []);
});

test("transfer() is refused when the end is closed, detached or transferred", async () => {
  const pair = socketpair();
  await pair[0].close();
  assert.throws(() => pair[0].transfer(), TypeError);
  const token = pair[1].transfer();
  assert.throws(() => pair[1].transfer(), TypeError);
  assert.throws(() => pair[1].detach(), TypeError);
  assert.ok(SocketEnd.revoke(token));
});

test("from() refuses a token that was received before, and every copy of it", async () => {
  using pair = socketpair();
  const token = pair[1].transfer();
  const copies = [structuredClone(token), { ...token }, token];
  using end = SocketEnd.from(structuredClone(token));
  for (const copy of copies) assert.throws(() => SocketEnd.from(copy), USED);
  for (const copy of copies) assert.equal(SocketEnd.revoke(copy), false);
  await pair[0].writable.getWriter().write(ONE);
  assert.deepEqual((await end.readable.getReader().read()).value, ONE);
});

test("revoke() closes an end that was not received: the peer reads to the end, and it cannot be received any more", async () => {
  using pair = socketpair();
  await pair[1].writable.getWriter().write(ONE);
  const token = pair[1].transfer();
  const file = openFile(token.fd);
  assert.equal(SocketEnd.revoke(structuredClone(token)), true);
  assert.deepEqual(holders(file), []);
  assert.equal(SocketEnd.revoke(token), false);
  assert.throws(() => SocketEnd.from(token), USED);
  const reader = pair[0].readable.getReader();
  assert.deepEqual((await reader.read()).value, ONE);
  assert.equal((await reader.read()).done, true);
});

test("revoke() of a received token does not touch a descriptor that has the same number by now", async () => {
  using pair = socketpair();
  const token = pair[1].transfer();
  await SocketEnd.from(token).close();
  using another = socketpair();
  const numbers = [another[0].fd, another[1].fd];
  assert.ok(numbers.includes(token.fd), "the number was not given out again, so this test shows nothing");
  assert.equal(SocketEnd.revoke(token), false);
  assert.deepEqual([another[0].fd, another[1].fd].map((fd) => openFile(fd) === "closed"), [false, false]);
});

test("from() and revoke() refuse what is no token", () => {
  const kind = "@socketpair/streams end";
  for (const wrong of [undefined, null, {}, { kind }, { kind, fd: 0, state: new ArrayBuffer(4) }]) {
    const from = { name: "TypeError", message: /^Cannot adopt .+: an end is made of a descriptor number, a token or/ };
    assert.throws(() => SocketEnd.from(wrong as unknown as TransferToken), from);
    const revoke = { name: "TypeError", message: /^Cannot revoke .+: it is no token of SocketEnd.transfer\(\)$/ };
    assert.throws(() => SocketEnd.revoke(wrong as unknown as TransferToken), revoke);
  }
});

test("from() with options that mean nothing leaves the token to be had", async () => {
  using pair = socketpair({ type: "seqpacket" });
  const token = pair[1].transfer();
  assert.throws(() => SocketEnd.from(token, { framing: "uint32le" }), TypeError);
  assert.throws(() => SocketEnd.from(token, { busyPoll: -1 }), RangeError);
  assert.throws(() => SocketEnd.from(token, { signal: AbortSignal.abort(new Error("no")) }), { message: "no" });
  using end = SocketEnd.from(token);
  await pair[0].writable.getWriter().write(ONE);
  assert.deepEqual((await end.readable.getReader().read()).value, ONE);
});

test("transfer() can be repeated: an end goes from hand to hand, and is the same socket", async () => {
  using pair = socketpair({ type: "seqpacket" });
  const file = openFile(pair[1].fd);
  let end = pair[1];
  for (let hand = 0; hand < 50; hand += 1) end = SocketEnd.from(structuredClone(end.transfer()));
  assert.equal(openFile(end.fd), file);
  await end.writable.getWriter().write(ONE);
  assert.deepEqual((await pair[0].readable.getReader().read()).value, ONE);
  await end.close();
});

const KINDS: [string, SocketPairOptions][] = [
  ["framed records", { framing: "uint16be" }],
  ["framed batches", { framing: "uint32le", chunks: "batches" }],
  ["batches", { type: "seqpacket", chunks: "batches" }],
  ["messages", { chunks: "messages" }],
];

for (const [name, options] of KINDS) {
  const { chunks = "records", framing } = options;

  test(`from() has framing and chunks from the token: ${name}`, async () => {
    await using pair = socketpair(options);
    const token = structuredClone(pair[1].transfer());
    assert.deepEqual([token.chunks, token.framing], [chunks, framing]);
    using end = SocketEnd.from(token) as AnyEnd;
    const bytes = new Uint8Array([1, 2]);
    const chunk = chunks === "messages" ? { data: bytes } : chunks === "batches" ? [bytes] : bytes;
    await (pair[0] as AnyEnd).writable.getWriter().write(chunk as never);
    const { value } = await end.readable.getReader().read();
    const received = chunks === "messages" ? (value as ReceivedMessage).data : value;
    assert.deepEqual(received, chunks === "batches" ? [bytes] : bytes);
  });

  test(`from() refuses framing and chunks that contradict the token, which can still be received: ${name}`, () => {
    using pair = socketpair(options);
    const token = pair[1].transfer();
    const others: SocketEndOptions[] = [
      { framing: "uint32be" },
      { chunks: chunks === "records" ? "batches" : "records" },
    ];
    for (const other of others) {
      assert.throws(() => SocketEnd.from(token as TransferToken, other), {
        name: "TypeError",
        message: /^Cannot receive the end: (framing|chunks) is "\w+", and ("\w+"|undefined) in the token$/,
      });
    }
    using end = SocketEnd.from(token as TransferToken, { chunks, framing } as SocketEndOptions);
    assert.match(inspect(end), new RegExp(`chunks: "${chunks}"`));
  });
}

test("from() of a token takes maxRecordSize, whose framing the token tells", async () => {
  await using pair = socketpair({ framing: "uint32le" });
  await using end = SocketEnd.from(pair[1].transfer(), { maxRecordSize: 1 });
  await assert.rejects(end.write(new Uint8Array(2)), { name: "RangeError", message: /maxRecordSize is 1$/ });
});

test("from() of a token has no option unread: the token tells it", () => {
  using pair = socketpair();
  const token = pair[1].transfer();
  assert.throws(() => SocketEnd.from(token, { unread: [ONE] }), { name: "TypeError", message: /no option "unread"/ });
  assert.ok(SocketEnd.revoke(token));
});

test("an end itself cannot be sent: structured clone fails, and JSON has no descriptor", () => {
  using pair = socketpair();
  assert.throws(() => structuredClone(pair[0]), { name: "DataCloneError" });
  assert.deepEqual(JSON.parse(JSON.stringify(pair[0])), { opened: {}, closed: {}, type: "stream" });
});
