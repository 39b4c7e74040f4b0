/** What can be sent as a descriptor, and whose it is afterwards. */

import { closeSync, openSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { type Message, SocketEnd, socketpair, type SocketType } from "../../mod.ts";
import { assert, test, TYPES } from "../_support.ts";
import { holders, openFile } from "../peers/_sockets.ts";
import { bytes, text } from "../peers/_text.ts";

const ONE = new Uint8Array([1]);

/** Sends one message through a pair of its own, and gives what arrives. The caller closes the descriptors. */
async function sendThrough(type: SocketType, message: Message) {
  await using pair = socketpair({ type, chunks: "messages" });
  await pair[0].writable.getWriter().write(message);
  return (await pair[1].readable.getReader().read()).value!;
}

for (const type of TYPES) {
  test(`writable sends a number, which stays the sender's own: ${type}`, async () => {
    const sent = openSync("/dev/null", "r");
    const { data, descriptors } = await sendThrough(type, { data: ONE, descriptors: [sent] });
    assert.deepEqual([data, descriptors.length], [ONE, 1]);
    assert.equal(openFile(descriptors[0]!.fd), "/dev/null");
    assert.equal(openFile(sent), "/dev/null");
    assert.notEqual(descriptors[0]!.fd, sent);
    descriptors[0]!.close();
    closeSync(sent);
  });

  test(`writable sends an end, which is closed here once it is sent: ${type}`, async () => {
    const [mine, theirs] = socketpair();
    const file = openFile(theirs.fd);
    const { descriptors } = await sendThrough(type, { data: ONE, descriptors: [theirs] });
    assert.equal(theirs.fd, -1);
    await theirs.closed;
    assert.deepEqual(holders(file), [descriptors[0]!.fd]);
    await using end = SocketEnd.from(descriptors[0]!);
    await mine.writable.getWriter().write(bytes("to the end that was sent"));
    assert.equal(text((await end.readable.getReader().read()).value), "to the end that was sent");
    await mine.close();
  });

  test(`writable sends a file object, which stays open here: ${type}`, async () => {
    const file = await open(new URL(import.meta.url), "r");
    const { descriptors } = await sendThrough(type, { data: ONE, descriptors: [file] });
    assert.equal(openFile(descriptors[0]!.fd), openFile(file.fd));
    await file.close();
    const here = readFileSync(new URL(import.meta.url), "utf8");
    assert.equal(readFileSync(`/proc/self/fd/${descriptors[0]!.fd}`, "utf8"), here);
    descriptors[0]!.close();
  });

  test(`writable sends several kinds in one message, in order: ${type}`, async () => {
    const [mine, theirs] = socketpair();
    const number = openSync("/dev/null", "r");
    const files = [openFile(theirs.fd), "/dev/null", openFile(mine.fd)];
    const { descriptors } = await sendThrough(type, { data: ONE, descriptors: [theirs, { fd: number }, mine.fd] });
    assert.deepEqual(descriptors.map(({ fd }) => openFile(fd)), files);
    for (const descriptor of descriptors) descriptor.close();
    closeSync(number);
    await mine.close();
  });
}

test("writable sends the same number several times: as many duplicates arrive", async () => {
  using pair = socketpair();
  const descriptors = [pair[0].fd, pair[0].fd, pair[0].fd];
  const received = (await sendThrough("seqpacket", { data: ONE, descriptors })).descriptors;
  assert.equal(new Set(received.map(({ fd }) => fd)).size, 3);
  assert.deepEqual(new Set(received.map(({ fd }) => openFile(fd))), new Set([openFile(pair[0].fd)]));
  for (const descriptor of received) descriptor.close();
});

test("writable sends the same end twice in one message: two duplicates arrive, and it is closed here", async () => {
  const [mine, theirs] = socketpair();
  const file = openFile(theirs.fd);
  await using carrier = socketpair({ type: "seqpacket", chunks: "messages" });
  const written = carrier[0].writable.getWriter().write({ data: ONE, descriptors: [theirs, theirs] });
  const { descriptors } = (await carrier[1].readable.getReader().read()).value!;
  assert.deepEqual(descriptors.map(({ fd }) => openFile(fd)), [file, file]);
  for (const descriptor of descriptors) descriptor.close();
  await written;
  assert.equal(theirs.fd, -1);
  await mine.close();
});

test("writable sends the number of the very end that it goes through", async () => {
  await using pair = socketpair({ type: "seqpacket", chunks: "messages" });
  const file = openFile(pair[0].fd);
  await pair[0].writable.getWriter().write({ data: ONE, descriptors: [pair[0].fd] });
  const { descriptors } = (await pair[1].readable.getReader().read()).value!;
  assert.equal(openFile(descriptors[0]!.fd), file);
  descriptors[0]!.close();
});

test("writable sends the other end of its own pair, which cannot be received any more: the kernel frees it", async () => {
  const [left, right] = socketpair({ type: "seqpacket", chunks: "messages" });
  await left.writable.getWriter().write({ data: ONE, descriptors: [right] });
  assert.equal(right.fd, -1);
  const reading = left.readable.getReader().read();
  // The kernel looks for such cycles when a socket is closed.
  socketpair()[Symbol.dispose]();
  assert.equal((await reading).done, true);
  await left.close();
});

test("readable gives messages without descriptors an empty list, and no credentials", async () => {
  assert.deepEqual(await sendThrough("seqpacket", { data: bytes("plain") }), { data: bytes("plain"), descriptors: [] });
});

for (const type of ["dgram", "seqpacket"] as const) {
  test(`writable sends descriptors with an empty record: ${type}`, async () => {
    const { data, descriptors } = await sendThrough(type, { data: new Uint8Array(0), descriptors: [0] });
    assert.deepEqual([data.length, descriptors.length], [0, 1]);
    descriptors[0]!.close();
  });

  test(`writable gathers a message's data from several parts: ${type}`, async () => {
    const parts = [bytes("a "), new Uint8Array(100_000).fill(32), bytes("z")];
    const { data, descriptors } = await sendThrough(type, { data: parts, descriptors: [0] });
    assert.deepEqual([data.length, text(data).trim().length], [100_003, 100_003]);
    descriptors[0]!.close();
  });
}

test("toEnd() of a sent end that had been transferred and received is the same socket", async () => {
  const [mine, theirs] = socketpair({ type: "seqpacket" });
  const again = SocketEnd.from(theirs.transfer());
  const { descriptors } = await sendThrough("seqpacket", { data: ONE, descriptors: [again] });
  const end = SocketEnd.from(descriptors[0]!);
  assert.deepEqual([end.type, descriptors[0]!.fd], ["seqpacket", -1]);
  await end.close();
  assert.equal((await mine.readable.getReader().read()).done, true);
  await mine.close();
});
