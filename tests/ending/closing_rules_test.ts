/** How an end closes, and what its peer and others who have the socket see of it. */

import { socketpair } from "../../mod.ts";
import { spawn } from "node:child_process";
import { assert, delay, test, TYPES } from "../_support.ts";
import { hasQueued, numberOf } from "../_waiting.ts";

const CLOSED = { name: "TypeError", message: "Cannot write: the end is closed" };

for (const type of ["stream", "seqpacket"] as const) {
  test(`${type}: close() with something unread on this side loses nothing of what was sent`, async () => {
    const [left, right] = socketpair({ type });
    await right.write(new Uint8Array([1]));
    await left.write(new Uint8Array([2]));
    await left.close();
    assert.deepEqual(await Array.fromAsync(right.readable), [new Uint8Array([2])]);
    await right.closed;
  });

  test(`${type}: close() of an end whose number was told leaves the connection to the child that has it`, async () => {
    const [ours, theirs] = socketpair({ type });
    const { fd } = theirs;
    const child = spawn("cat", [], { stdio: [fd, fd, "inherit"] });
    const exit = new Promise((resolve) => child.once("exit", resolve));
    await ours.write(new Uint8Array([1]));
    await theirs.close();
    const buffer = new Uint8Array(10);
    for (const byte of [1, 2]) {
      if (byte === 2) await ours.write(new Uint8Array([2]));
      assert.deepEqual([await ours.read(buffer), buffer[0]], [1, byte]);
    }
    await ours.closeWrite();
    assert.deepEqual([await ours.read(buffer), await exit], [null, 0]);
  });

  test(`${type}: close() of a shared end leaves the connection and the queue to the others`, async () => {
    await using pair = socketpair({ type });
    await using other = pair[1].duplicate();
    await pair[0].write(new Uint8Array([1]));
    await pair[1].close();
    assert.equal(await other.read(new Uint8Array(1)), 1);
    await other.write(new Uint8Array([1]));
    assert.equal(await pair[0].read(new Uint8Array(1)), 1);
  });

  test(`${type}: a read that meets the end of a peer that is gone closes the end, and its writable fails`, async () => {
    const [left, right] = socketpair({ type });
    await right.write(new Uint8Array([1]));
    await right.close();
    assert.equal((await Array.fromAsync(left.readable)).length, 1);
    assert.equal(numberOf(left), -1);
    await left.closed;
    await assert.rejects(left.write(new Uint8Array(1)), { name: "SocketError", code: "EPIPE" });
  });

  test(`${type}: a read that meets the end of one direction leaves the other`, async () => {
    await using pair = socketpair({ type });
    await pair[1].closeWrite();
    assert.equal(await pair[0].read(new Uint8Array(1)), null);
    assert.ok(numberOf(pair[0]) > 2);
    await pair[0].write(new Uint8Array([1]));
    assert.equal(await pair[1].read(new Uint8Array(1)), 1);
  });

  test(`${type}: allowHalfOpen false closes the end at the end of its peer's direction`, async () => {
    const [left, right] = socketpair({ type, allowHalfOpen: false });
    await right.closeWrite();
    assert.equal(await left.read(new Uint8Array(1)), null);
    await left.closed;
    assert.equal(await right.read(new Uint8Array(1)), null);
    await right.closed;
  });

  test(`${type}: cancel() where credentials come throws the queue away and returns`, async () => {
    await using pair = socketpair({ type, chunks: "messages", credentials: true });
    const writer = pair[0].writable.getWriter();
    for (let count = 0; count < 3; count += 1) await writer.write({ data: new Uint8Array([count]) });
    await pair[1].readable.cancel();
    assert.equal(hasQueued(pair[1]), false);
    await assert.rejects(writer.write({ data: new Uint8Array(1) }), { code: "EPIPE" });
  });

  test(`${type}: closeWrite() sends what was written, and then the end, also while a writer has the lock`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const writer = pair[0].writable.getWriter();
    const writes = Array.from({ length: 10 }, () => writer.write(new Uint8Array(10_000)));
    const closing = pair[0].closeWrite();
    let total = 0;
    for await (const bytes of pair[1].readable) total += bytes.length;
    await Promise.all([...writes, closing]);
    assert.equal(total, 100_000);
    await pair[1].write(new Uint8Array([1]));
    assert.equal(await pair[0].read(new Uint8Array(1)), 1);
  });
}

for (const type of TYPES) {
  for (const how of ["a pipe", "a loop of awaited writes", "calls"] as const) {
    test(`${type}: close() ends although ${how} goes on writing, faster than the peer reads`, async () => {
      await using pair = socketpair({ type, sendBufferSize: 16_384 });
      let written = 0;
      const chunk = () => new Uint8Array(1000).fill(written++);
      const pump = async () => {
        if (how === "a pipe") {
          await new ReadableStream({ pull: (controller) => controller.enqueue(chunk()) }).pipeTo(pair[0].writable);
        } else if (how === "calls") { for (;;) await pair[0].write(chunk()); }
        const writer = pair[0].writable.getWriter();
        for (;;) await writer.write(chunk());
      };
      const pumping = assert.rejects(pump(), CLOSED);
      const buffer = new Uint8Array(1000);
      let received = 0;
      let stopped = false;
      const reading = (async () => {
        while (!stopped) {
          const count = await Promise.race([pair[1].read(buffer), pair[0].closed.then(() => delay(20, null))]);
          if (count === null) break;
          received += count;
          await delay(1);
        }
      })();
      await delay(30);
      await pair[0].close();
      await pumping;
      stopped = true;
      await reading;
      assert.ok(received > 0 && received <= written * 1000, `${received} of ${written * 1000} bytes`);
    }, { timeout: 10_000 });
  }

  test(`${type}: what is written after close() is refused, what was written before is sent`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const writer = pair[0].writable.getWriter();
    const before = Array.from({ length: 10 }, () => writer.write(new Uint8Array(3000).fill(1)));
    const closing = pair[0].close();
    const after = assert.rejects(writer.write(new Uint8Array(3000).fill(2)), CLOSED);
    const buffer = new Uint8Array(3000);
    for (let received = 0; received < 30_000;) {
      const count = (await pair[1].read(buffer))!;
      assert.ok(buffer.subarray(0, count).every((byte) => byte === 1));
      received += count;
    }
    await Promise.all([...before, closing, after]);
  });

  test(`${type}: close() behind a writer that has closed the stream itself is no error of either`, async () => {
    await using pair = socketpair({ type });
    const writer = pair[0].writable.getWriter();
    await writer.write(new Uint8Array([1]));
    const steps = [writer.write(new Uint8Array([2])), writer.close(), pair[0].close(), writer.closed];
    await Promise.all(steps);
  });

  test(`${type}: close(reason) waits for nothing, not even for an earlier close()`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const writes = Promise.allSettled(Array.from({ length: 20 }, () => pair[0].write(new Uint8Array(3000))));
    const reason = new Error("enough");
    const closing = assert.rejects(pair[0].close(), reason);
    await assert.rejects(pair[0].close(reason), reason);
    await closing;
    assert.equal((await writes).at(-1)!.status, "rejected");
    assert.equal(numberOf(pair[0]), -1);
  });
}
