import { socketpair } from "../../mod.ts";
import { Buffer } from "node:buffer";
import { readlinkSync } from "node:fs";
import { watched } from "../_epoll.ts";
import { assert, delay, test, TYPES } from "../_support.ts";

for (const type of TYPES) {
  test(`${type}: close() sends what was written first, although the writer holds the lock`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const writer = pair[0].writable.getWriter();
    const writes = Promise.all(Array.from({ length: 20 }, (_, n) => writer.write(new Uint8Array(10_000).fill(n))));
    const closing = pair[0].close();
    const reader = pair[1].readable.getReader();
    const received: Uint8Array[] = [];
    for (let length = 0; length < 200_000; length += received.at(-1)!.byteLength) {
      received.push((await reader.read()).value!);
    }
    await Promise.all([writes, closing]);
    for (const [index, byte] of Buffer.concat(received).entries()) {
      if (byte !== Math.floor(index / 10_000)) assert.fail(`byte ${index} is ${byte}`);
    }
    assert.equal(pair[0].fd, -1);
  });

  test(`${type}: close() waits for the peer to make room, and says so by its promise`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const writer = pair[0].writable.getWriter();
    const writes = Promise.all(Array.from({ length: 4 }, () => writer.write(new Uint8Array(30_000))));
    let closed = false;
    const closing = pair[0].close().then(() => closed = true);
    await delay(10);
    assert.deepEqual([closed, pair[0].fd > 2], [false, true]);
    const reader = pair[1].readable.getReader();
    for (let length = 0; length < 120_000;) length += (await reader.read()).value!.byteLength;
    await Promise.all([writes, closing]);
  });

  test(`${type}: close() ends a read that waits as done`, async () => {
    await using pair = socketpair({ type });
    const reader = pair[0].readable.getReader();
    const reads = [reader.read(), reader.read()];
    await watched(pair[0], "read");
    await pair[0].close();
    for (const read of reads) assert.deepEqual(await read, { value: undefined, done: true });
    await reader.closed;
  });

  test(`${type}: close() closes the descriptor`, async () => {
    await using pair = socketpair({ type });
    const { fd } = pair[0];
    assert.match(readlinkSync(`/proc/self/fd/${fd}`), /^socket:/);
    await pair[0].close();
    assert.equal(pair[0].fd, -1);
    assert.throws(() => readlinkSync(`/proc/self/fd/${fd}`), { code: "ENOENT" });
  });

  test(`${type}: close() again gives the same promise and does nothing`, async () => {
    await using pair = socketpair({ type });
    const closing = pair[0].close();
    assert.equal(pair[0].close(), closing);
    assert.equal(pair[0].closed, closing);
    assert.equal(await closing, undefined);
    assert.equal(await pair[0].close(), undefined);
    assert.equal(await pair[0].close(new Error("too late")), undefined);
  });

  test(`${type}: close(reason) fails both streams, what waits on them and closed with the reason, at once`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const reason = new Error("enough");
    const reader = pair[0].readable.getReader();
    const writer = pair[0].writable.getWriter();
    const writes = Array.from({ length: 20 }, () => writer.write(new Uint8Array(30_000)));
    for (const write of writes) write.catch(() => {});
    const results = Promise.allSettled([reader.read(), reader.closed, writer.closed, ...writes.slice(-2)]);
    await watched(pair[0], "write");
    await assert.rejects(pair[0].close(reason), reason);
    assert.equal(pair[0].fd, -1);
    for (const result of await results) assert.equal(result.status === "rejected" && result.reason, reason);
  });

  test(`${type}: close() after close() with a reason, or after an error, rejects with the first error`, async () => {
    await using pair = socketpair({ type });
    const reason = new Error("enough");
    const writer = pair[0].writable.getWriter();
    await assert.rejects(writer.write(5 as unknown as Uint8Array), TypeError);
    await assert.rejects(pair[0].close(), TypeError);
    assert.equal(pair[0].fd, -1);
    await assert.rejects(pair[1].close(reason), reason);
    await assert.rejects(pair[1].close(), reason);
  });

  test(`${type}: use after close() ends or fails with a plain message`, async () => {
    await using pair = socketpair({ type });
    const writer = pair[0].writable.getWriter();
    await pair[0].close();
    const closed = { name: "TypeError", message: "Cannot write: the end is closed" };
    await assert.rejects(writer.write(new Uint8Array(1)), closed);
    await assert.rejects(writer.closed, closed);
    assert.equal((await pair[0].readable.getReader().read()).done, true);
    assert.throws(() => pair[0].detach(), { name: "TypeError", message: "Cannot detach: the end is closed" });
    await pair[0].closeWrite();
    pair[0].ref();
    pair[0].unref();
    assert.equal(pair[0].fd, -1);
  });

  test(`${type}: opened resolves at once, in the shape of the Sockets API`, async () => {
    await using pair = socketpair({ type });
    for (const end of pair) {
      assert.deepEqual(await end.opened, { remoteAddress: null, localAddress: null, alpn: null });
      assert.equal(end.type, type);
    }
  });
}

test("close() ends a BYOB read that waits as done and gives its memory back", async () => {
  await using pair = socketpair();
  const sizes = [10, 20];
  const reader = pair[0].readable.getReader({ mode: "byob" });
  const results = sizes.map((size) => reader.read(new Uint8Array(size)));
  await delay(5);
  await pair[0].close();
  for (const [index, result] of results.entries()) {
    const { value, done } = await result;
    assert.deepEqual([done, value?.byteLength, value?.buffer.byteLength], [true, 0, sizes[index]]);
  }
});
