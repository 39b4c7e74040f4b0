/** Whose received descriptors are, and that those which are not taken are closed. */

import { OwnedDescriptor } from "../../ffi/owned_descriptor.ts";
import { closeSync, openSync } from "node:fs";
import { ReceivedDescriptor, SocketEnd, socketpair, type SocketType } from "../../mod.ts";
import { close } from "../../ffi/mod.ts";
import { assert, test, TYPES } from "../_support.ts";
import { collectUntil } from "../peers/_garbage.ts";
import { closesOnExec, holders, openFile } from "../peers/_sockets.ts";
import { bytes } from "../peers/_text.ts";

const ONE = new Uint8Array([1]);

/** A message with the numbers given, from one end of a pair to the other. */
async function receive(type: SocketType, ...sent: number[]): Promise<ReceivedDescriptor[]> {
  await using pair = socketpair({ type, chunks: "messages" });
  await pair[0].writable.getWriter().write({ data: ONE, descriptors: sent });
  return [...(await pair[1].readable.getReader().read()).value!.descriptors];
}

for (const type of TYPES) {
  test(`ReceivedDescriptor is close-on-exec, as nothing that is inherited: ${type}`, async () => {
    const [received] = await receive(type, 0);
    assert.ok(received instanceof ReceivedDescriptor && OwnedDescriptor.owns(received.fd));
    assert.equal(closesOnExec(received.fd), true);
    received.close();
  });

  test(`readable without ancillary gives the data, and leaves no descriptor open: ${type}`, async () => {
    const [mine, theirs] = socketpair();
    const file = openFile(theirs.fd);
    await using pair = socketpair({ type, chunks: "messages" });
    const { fd } = pair[1].detach();
    const plain = SocketEnd.from(fd);
    await pair[0].writable.getWriter().write({ data: bytes("plain"), descriptors: [theirs] });
    assert.deepEqual((await plain.readable.getReader().read()).value, bytes("plain"));
    assert.deepEqual(holders(file), []);
    assert.equal((await mine.readable.getReader().read()).done, true);
    await Promise.all([mine.close(), plain.close()]);
  });

  test(`cancel() and close() free the descriptors that wait in the kernel's queue: ${type}`, async () => {
    for (const how of ["cancel", "close"] as const) {
      const [mine, theirs] = socketpair();
      const pair = socketpair({ type, chunks: "messages" });
      await pair[0].writable.getWriter().write({ data: ONE, descriptors: [theirs] });
      if (how === "cancel") await pair[1].readable.cancel();
      else await pair[1].close();
      assert.equal((await mine.readable.getReader().read()).done, true);
      await Promise.all([mine, ...pair].map((end) => end.close()));
    }
  });
}

test("readable without ancillary gives an empty record that descriptors rode on", async () => {
  await using pair = socketpair({ type: "seqpacket", chunks: "messages" });
  const { fd } = pair[1].detach();
  await using plain = SocketEnd.from(fd);
  await pair[0].writable.getWriter().write({ data: new Uint8Array(0), descriptors: [0] });
  const { value, done } = await plain.readable.getReader().read();
  assert.deepEqual([value?.length, done], [0, false]);
});

test("close() of a descriptor closes it, again without effect, and using does so", async () => {
  const [first, second] = await receive("seqpacket", 0, 0) as [ReceivedDescriptor, ReceivedDescriptor];
  const numbers = [first.fd, second.fd] as const;
  first.close();
  assert.deepEqual([first.fd, openFile(numbers[0])], [-1, "closed"]);
  const reused = openSync("/dev/null", "r");
  first.close();
  first[Symbol.dispose]();
  assert.equal(openFile(reused), "/dev/null");
  closeSync(reused);
  {
    using owned = second;
    assert.notEqual(openFile(owned.fd), "closed");
  }
  assert.equal(openFile(numbers[1]), "closed");
});

test("detach() of a descriptor gives it up, and it stays open", async () => {
  const [received] = await receive("seqpacket", 0) as [ReceivedDescriptor];
  const fd = received.detach();
  received.close();
  assert.equal(received.fd, -1);
  assert.notEqual(openFile(fd), "closed");
  assert.throws(() => received.detach(), { name: "TypeError", message: "Cannot detach: the descriptor is closed" });
  close(fd);
});

test("toEnd() owns the socket from then on", async () => {
  using pair = socketpair({ type: "seqpacket" });
  const [received] = await receive("seqpacket", pair[1].fd) as [ReceivedDescriptor];
  const { fd } = received;
  using end = SocketEnd.from(received);
  received.close();
  assert.deepEqual([end.fd, end.type, received.fd], [fd, "seqpacket", -1]);
  await pair[0].writable.getWriter().write(ONE);
  assert.deepEqual((await end.readable.getReader().read()).value, ONE);
  assert.throws(() => SocketEnd.from(received), TypeError);
});

test("toEnd() makes an end of messages, from which more descriptors come", async () => {
  await using pair = socketpair({ type: "seqpacket", chunks: "messages" });
  const [received] = await receive("seqpacket", pair[1].fd) as [ReceivedDescriptor];
  const end = SocketEnd.from(received, { chunks: "messages" });
  await pair[0].writable.getWriter().write({ data: ONE, descriptors: [0] });
  const { data, descriptors } = (await end.readable.getReader().read()).value!;
  assert.deepEqual([data, descriptors.length], [ONE, 1]);
  descriptors[0]!.close();
  await end.close();
});

test("toEnd() of what is no socket is refused, and it stays as it is", async () => {
  const file = openSync("/dev/null", "r");
  const [received] = await receive("seqpacket", file) as [ReceivedDescriptor];
  assert.throws(() => SocketEnd.from(received), { name: "SocketError", code: "ENOTSOCK" });
  assert.equal(openFile(received.fd), "/dev/null");
  received.close();
  closeSync(file);
});

test("toEnd() with options that mean nothing is refused, and it stays as it is", async () => {
  using pair = socketpair({ type: "seqpacket" });
  const [received] = await receive("seqpacket", pair[1].fd) as [ReceivedDescriptor];
  assert.throws(() => SocketEnd.from(received, { framing: "uint32le" }), TypeError);
  assert.equal(openFile(received.fd), openFile(pair[1].fd));
  received.close();
});

// Bun's collector takes what looks like a reference on the stack for one, so the last of them may stay: no census.
test("readable whose messages are dropped has their descriptors closed by the collector", async () => {
  using kept = socketpair();
  const file = openFile(kept[1].fd);
  await using pair = socketpair({ type: "seqpacket", chunks: "messages" });
  const writer = pair[0].writable.getWriter();
  for (let count = 0; count < 5; count += 1) await writer.write({ data: ONE, descriptors: [kept[1].fd] });
  const reader = pair[1].readable.getReader();
  await (async () => {
    for (let count = 0; count < 5; count += 1) await reader.read();
  })();
  assert.ok(await collectUntil(() => holders(file).length <= 2), `${holders(file)} are open`);
}, { census: false });
