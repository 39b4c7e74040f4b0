import { SocketEnd, socketpair } from "../../mod.ts";
import { close, getsockopt, read, SOL_SOCKET, write } from "../../ffi/mod.ts";
import { readlinkSync } from "node:fs";
import { watched } from "../_epoll.ts";
import { assert, delay, test, TYPES } from "../_support.ts";

const SO_TIMESTAMP = 29;
const DETACHED = { name: "TypeError", message: "Cannot use the stream: the end is detached" };

for (const type of TYPES) {
  test(`${type}: detach() gives the descriptor, which stays open`, async () => {
    using pair = socketpair({ type });
    const { fd } = pair[0];
    assert.deepEqual(pair[0].detach(), { fd, unread: [] });
    assert.equal(pair[0].fd, -1);
    assert.match(readlinkSync(`/proc/self/fd/${fd}`), /^socket:/);
    write(fd, new Uint8Array([7]));
    assert.deepEqual((await pair[1].readable.getReader().read()).value, new Uint8Array([7]));
    close(fd);
  });

  test(`${type}: detach() leaves what was not read to the next owner`, async () => {
    await using pair = socketpair({ type });
    const writer = pair[0].writable.getWriter();
    for (const number of [1, 2, 3]) await writer.write(new Uint8Array([number]));
    const { fd, unread } = pair[1].detach();
    assert.deepEqual(unread, []);
    await using next = SocketEnd.from(fd);
    const { value } = await next.readable.getReader().read();
    assert.deepEqual(value, type === "stream" ? new Uint8Array([1, 2, 3]) : new Uint8Array([1]));
  });

  test(`${type}: detach() fails both streams and resolves closed`, async () => {
    using pair = socketpair({ type });
    const { fd } = pair[0].detach();
    await assert.rejects(pair[0].writable.getWriter().write(new Uint8Array(1)), DETACHED);
    await assert.rejects(pair[0].readable.getReader().read(), DETACHED);
    assert.equal(await pair[0].closed, undefined);
    assert.equal(await pair[0].close(), undefined);
    assert.match(readlinkSync(`/proc/self/fd/${fd}`), /^socket:/);
    close(fd);
  });

  test(`${type}: detach() with a read that waits fails it and loses nothing`, async () => {
    await using pair = socketpair({ type });
    const reading = assert.rejects(pair[1].readable.getReader().read(), DETACHED);
    await delay(5);
    const { fd, unread } = pair[1].detach();
    await reading;
    await pair[0].writable.getWriter().write(new Uint8Array([7]));
    await delay(5);
    await using next = SocketEnd.from(fd);
    assert.deepEqual(unread, []);
    assert.deepEqual((await next.readable.getReader().read()).value, new Uint8Array([7]));
  });

  test(`${type}: detach() refuses while a write waits, and changes nothing`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const writer = pair[0].writable.getWriter();
    const writes = Promise.all(Array.from({ length: 5 }, (_, n) => writer.write(new Uint8Array(20_000).fill(n))));
    await watched(pair[0], "write");
    assert.throws(() => pair[0].detach(), { name: "TypeError", message: "Cannot detach: writes are under way" });
    const reader = pair[1].readable.getReader();
    for (let length = 0; length < 100_000;) length += (await reader.read()).value!.byteLength;
    await writes;
    close(pair[0].detach().fd);
  });

  test(`${type}: detach() refuses while a write is queued that has not even been tried`, async () => {
    await using pair = socketpair({ type });
    const writing = pair[0].writable.getWriter().write(new Uint8Array([1]));
    assert.throws(() => pair[0].detach(), { name: "TypeError", message: "Cannot detach: writes are under way" });
    await writing;
    close(pair[0].detach().fd);
  });

  test(`${type}: detach() again, or after close(), is a TypeError`, async () => {
    using pair = socketpair({ type });
    close(pair[0].detach().fd);
    assert.throws(() => pair[0].detach(), { name: "TypeError", message: "Cannot detach: the end is closed" });
    await pair[1].close();
    assert.throws(() => pair[1].detach(), { name: "TypeError", message: "Cannot detach: the end is closed" });
  });

  test(`${type}: detach() restores the socket option that reading sets`, async () => {
    await using pair = socketpair({ type });
    const writer = pair[0].writable.getWriter();
    const reader = pair[1].readable.getReader();
    await writer.write(new Uint8Array([1]));
    await reader.read();
    const { fd } = pair[1].detach();
    assert.equal(getsockopt(fd, SOL_SOCKET, SO_TIMESTAMP), 0);
    await writer.write(new Uint8Array([2]));
    assert.equal(read(fd, new Uint8Array(8)), 1);
    close(fd);
  });
}

test("detach() of an end that was handed back and forth keeps every record in its place", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const writer = pair[0].writable.getWriter();
  const received: number[] = [];
  let end = pair[1];
  for (let number = 0; number < 50; number += 1) await writer.write(new Uint8Array([number]));
  for (let owner = 0; owner < 10; owner += 1) {
    const reader = end.readable.getReader();
    for (let count = 0; count < 5; count += 1) received.push((await reader.read()).value![0]!);
    end = SocketEnd.from(end.detach().fd);
  }
  assert.deepEqual(received, Array.from({ length: 50 }, (_, number) => number));
  await end.close();
});

test("detach() of an end of which one direction has ended keeps the other", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  await pair[1].writable.close();
  assert.equal((await pair[0].readable.getReader().read()).done, true);
  await using next = SocketEnd.from(pair[0].detach().fd);
  await next.writable.getWriter().write(new Uint8Array([1]));
  assert.deepEqual((await pair[1].readable.getReader().read()).value, new Uint8Array([1]));
  assert.equal((await next.readable.getReader().read()).done, true);
});
