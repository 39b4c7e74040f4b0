/** Descriptors of a message that no reader has taken: they go with the end, or are closed with it at once. */

import { AF_UNIX, close as closeFd, SOCK_STREAM, socketpair as rawPair } from "../../ffi/mod.ts";
import { ReceivedDescriptor, SocketEnd, socketpair, type TransferToken } from "../../mod.ts";
import { watched } from "../_epoll.ts";
import { hasQueued, until } from "../_waiting.ts";
import { holders, openFile } from "../peers/_sockets.ts";
import { assert, type MessageEnd, test } from "../_support.ts";

/** How the unread messages came to be where they are. */
const PLACES = ["in the stream", "given by detach()"] as const;

/** An end with unread messages of two descriptors in all, the file behind them, and how many of its holders are not theirs. */
async function withUnread(type: "stream" | "seqpacket", place: typeof PLACES[number]) {
  const [left, right] = socketpair({ type, chunks: "messages" });
  const [one, other] = rawPair(AF_UNIX, SOCK_STREAM, 0);
  const file = openFile(one);
  const reader = right.readable.getReader();
  const dropped = assert.rejects(reader.read());
  await watched(right, "read");
  reader.releaseLock();
  await dropped;
  // The request outlives its reader: what comes for it stays in the stream's queue.
  const next = right.readable.getReader();
  await left.writable.getWriter().write({ data: new Uint8Array([1, 2]), descriptors: [one, one] });
  await until(() => !hasQueued(right), "the message");
  next.releaseLock();
  let end: MessageEnd = right;
  if (place === "given by detach()") {
    const { fd, unread } = right.detach();
    end = SocketEnd.from(fd, { chunks: "messages", unread });
  }
  assert.equal(holders(file).length, 3, "two came");
  const tidy = async () => {
    closeFd(one);
    closeFd(other);
    await left.close().catch(() => {});
  };
  return { end, file, tidy };
}

for (const type of ["stream", "seqpacket"] as const) {
  for (const place of PLACES) {
    test(`${type}: transfer() takes along the descriptors of unread messages ${place}`, async () => {
      const { end, file, tidy } = await withUnread(type, place);
      const token = structuredClone(end.transfer()) as TransferToken<"messages">;
      assert.equal(holders(file).length, 3, "not one is closed or doubled");
      await using received: MessageEnd = SocketEnd.from(token, { chunks: "messages" });
      const { value } = await received.readable.getReader().read();
      assert.deepEqual([...value!.data], [1, 2]);
      assert.equal(value!.descriptors.length, 2);
      for (const descriptor of value!.descriptors) {
        assert.ok(descriptor instanceof ReceivedDescriptor);
        assert.equal(openFile(descriptor.fd), file);
        descriptor.close();
      }
      assert.equal(holders(file).length, 1);
      await tidy();
    });

    test(`${type}: transfer() twice takes along the descriptors of unread messages ${place}`, async () => {
      const { end, file, tidy } = await withUnread(type, place);
      const between: MessageEnd = SocketEnd.from(structuredClone(end.transfer()) as TransferToken<"messages">, {
        chunks: "messages",
      });
      const token = structuredClone(between.transfer()) as TransferToken<"messages">;
      await using received: MessageEnd = SocketEnd.from(token, { chunks: "messages" });
      const { value } = await received.readable.getReader().read();
      assert.deepEqual(value!.descriptors.map(({ fd }) => openFile(fd)), [file, file]);
      for (const descriptor of value!.descriptors) descriptor.close();
      await tidy();
    });

    test(`${type}: revoke() closes the descriptors of unread messages ${place}`, async () => {
      const { end, file, tidy } = await withUnread(type, place);
      assert.equal(SocketEnd.revoke(structuredClone(end.transfer()) as TransferToken<"messages">), true);
      assert.equal(holders(file).length, 1);
      await tidy();
    });

    const ways: Record<string, (end: MessageEnd) => unknown> = {
      "cancel()": (end) => end.readable.cancel(),
      "close()": (end) => end.close(),
      "close(reason)": (end) => end.close(new Error("enough")).catch(() => {}),
      "dispose": (end) => end[Symbol.dispose](),
    };
    for (const [how, act] of Object.entries(ways)) {
      test(`${type}: ${how} closes the descriptors of unread messages ${place} at once`, async () => {
        const { end, file, tidy } = await withUnread(type, place);
        const acted = act(end);
        assert.equal(holders(file).length, 1);
        await acted;
        await tidy();
        end[Symbol.dispose]();
      });
    }
  }
}

for (const how of ["EOF", "close()"]) {
  test(`a message that its reader holds keeps its descriptors at ${how}, also if it had waited in the stream`, async () => {
    const { end, tidy } = await withUnread("seqpacket", "in the stream");
    const reader = end.readable.getReader();
    const { value } = await reader.read();
    await tidy();
    if (how === "EOF") assert.equal((await reader.read()).done, true);
    else await end.close();
    assert.ok(value!.descriptors.every(({ fd }) => fd > 0));
    for (const descriptor of value!.descriptors) descriptor.close();
    await end.close();
  });
}
