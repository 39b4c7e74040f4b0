import { SocketEnd, socketpair } from "../../mod.ts";
import { AF_UNIX, SOCK_SEQPACKET, SOCK_STREAM, socketpair as rawPair } from "../../ffi/mod.ts";
import { Buffer } from "node:buffer";
import { watched } from "../_epoll.ts";
import { assert, CONNECTED, delay, test } from "../_support.ts";

/** Everything that arrives until the end. */
async function readAll(end: SocketEnd): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(end.readable));
}

for (const type of CONNECTED) {
  test(`${type}: writable.close() ends one direction, the other lives on`, async () => {
    await using pair = socketpair({ type });
    const [left, right] = pair;
    await left.writable.close();
    assert.equal((await right.readable.getReader().read()).done, true);
    const writer = right.writable.getWriter();
    const reader = left.readable.getReader();
    for (const number of [1, 2, 3]) {
      await writer.write(new Uint8Array([number]));
      assert.deepEqual((await reader.read()).value, new Uint8Array([number]));
    }
    await writer.close();
    assert.equal((await reader.read()).done, true);
  });

  test(`${type}: when both directions have ended both descriptors are closed`, async () => {
    const [left, right] = socketpair({ type });
    assert.ok(left.fd > 2 && right.fd > 2);
    await left.writable.close();
    assert.equal((await right.readable.getReader().read()).done, true);
    assert.ok(right.fd > 2);
    await right.writable.close();
    await right.closed;
    assert.equal((await left.readable.getReader().read()).done, true);
    await left.closed;
    assert.deepEqual([left.fd, right.fd], [-1, -1]);
  });

  test(`${type}: writable.close() ends a read that waits on the other end`, async () => {
    await using pair = socketpair({ type });
    const reading = pair[1].readable.getReader().read();
    await watched(pair[1], "read");
    await pair[0].writable.close();
    assert.deepEqual(await reading, { value: undefined, done: true });
  });

  test(`${type}: writable.close() ends a read that waits on an end that was adopted`, async () => {
    const [left, right] = rawPair(AF_UNIX, type === "stream" ? SOCK_STREAM : SOCK_SEQPACKET, 0);
    await using closing = SocketEnd.from(left);
    await using reading = SocketEnd.from(right);
    const read = reading.readable.getReader().read();
    await watched(reading, "read");
    await closing.writable.close();
    assert.equal((await read).done, true);
  });

  test(`${type}: writer.close() comes after the writes that are queued`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const writer = pair[0].writable.getWriter();
    const order: number[] = [];
    const writes = Array.from({ length: 20 }, (_, number) => {
      return writer.write(new Uint8Array(10_000).fill(number)).then(() => order.push(number));
    });
    const closing = writer.close().then(() => order.push(20));
    const received = await readAll(pair[1]);
    assert.equal(received.byteLength, 200_000);
    assert.deepEqual([received.at(0), received.at(-1)], [0, 19]);
    await Promise.all([...writes, closing]);
    assert.deepEqual(order, Array.from({ length: 21 }, (_, index) => index));
  });

  test(`${type}: closeWrite() without a lock ends the direction, as writable.close() does`, async () => {
    await using pair = socketpair({ type });
    await pair[0].closeWrite();
    assert.equal((await pair[1].readable.getReader().read()).done, true);
    await assert.rejects(pair[0].writable.getWriter().write(new Uint8Array(1)), TypeError);
    await pair[1].writable.getWriter().write(new Uint8Array([1]));
    assert.deepEqual((await pair[0].readable.getReader().read()).value, new Uint8Array([1]));
  });

  test(`${type}: closeWrite() under a lock ends the direction when what was written is sent`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const writer = pair[0].writable.getWriter();
    const writes = Array.from({ length: 20 }, (_, number) => writer.write(new Uint8Array(10_000).fill(number)));
    let ended = false;
    const ending = pair[0].closeWrite().then(() => ended = true);
    await delay(5);
    assert.equal(ended, false);
    assert.equal((await readAll(pair[1])).byteLength, 200_000);
    await Promise.all([...writes, ending]);
    await assert.rejects(writer.write(new Uint8Array(1)), TypeError);
  });

  test(`${type}: closeWrite() leaves closed pending and the other direction alone`, async () => {
    await using pair = socketpair({ type });
    const writer = pair[0].writable.getWriter();
    writer.closed.catch(() => {});
    await pair[0].closeWrite();
    assert.ok(pair[0].fd > 2);
    await pair[1].writable.getWriter().write(new Uint8Array([1]));
    assert.deepEqual((await pair[0].readable.getReader().read()).value, new Uint8Array([1]));
  });

  test(`${type}: closeWrite() may be called again, also after writable.close()`, async () => {
    await using pair = socketpair({ type });
    await Promise.all([pair[0].closeWrite(), pair[0].closeWrite()]);
    await pair[0].closeWrite();
    await pair[1].writable.close();
    await pair[1].closeWrite();
    assert.equal((await pair[1].readable.getReader().read()).done, true);
  });

  test(`${type}: allowHalfOpen: false closes the end when the peer has ended its direction`, async () => {
    const [left, right] = socketpair({ type, allowHalfOpen: false });
    await left.writable.close();
    assert.equal((await right.readable.getReader().read()).done, true);
    await right.closed;
    assert.equal((await left.readable.getReader().read()).done, true);
    await left.closed;
    assert.deepEqual([left.fd, right.fd], [-1, -1]);
  });

  test(`${type}: allowHalfOpen: false still sends what was written before the peer ended`, async () => {
    await using pair = socketpair({ type, allowHalfOpen: false, sendBufferSize: 16_384 });
    const [left, right] = pair;
    const writer = right.writable.getWriter();
    const writes = Array.from({ length: 20 }, () => writer.write(new Uint8Array(10_000)));
    await left.writable.close();
    assert.equal((await right.readable.getReader().read()).done, true);
    assert.equal((await readAll(left)).byteLength, 200_000);
    await Promise.all(writes);
    await right.closed;
  });
}
