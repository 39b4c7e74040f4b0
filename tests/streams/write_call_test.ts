/** write(): without a stream. */

import { socketpair } from "../../mod.ts";
import { assert, test, TYPES } from "../_support.ts";

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(values);

for (const type of TYPES) {
  test(`${type}: write() gives the number of bytes, of parts all together`, async () => {
    await using pair = socketpair({ type });
    assert.equal(await pair[0].write(bytes(1, 2, 3)), 3);
    const buffer = new Uint8Array(10);
    assert.equal(await pair[1].read(buffer), 3);
    assert.equal(await pair[0].write([bytes(4), new ArrayBuffer(2), new DataView(new ArrayBuffer(1))]), 4);
    assert.deepEqual([await pair[1].read(buffer), [...buffer.subarray(0, 4)]], [4, [4, 0, 0, 0]]);
  });

  test(`${type}: writes that are not awaited go in their order, also when they wait for room`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const writes = Promise.all(Array.from({ length: 100 }, (_, n) => pair[0].write(new Uint8Array(3000).fill(n))));
    const buffer = new Uint8Array(3000);
    for (let received = 0; received < 300_000;) {
      const count = (await pair[1].read(buffer))!;
      for (let index = 0; index < count; index += 1) {
        if (buffer[index] !== Math.floor((received + index) / 3000)) assert.fail(`byte ${received + index}`);
      }
      received += count;
    }
    assert.deepEqual(await writes, Array(100).fill(3000));
  });

  test(`${type}: write() comes behind what the stream's writer has written before`, async () => {
    await using pair = socketpair({ type });
    const writer = pair[0].writable.getWriter();
    const first = writer.write(bytes(1));
    writer.releaseLock();
    const second = pair[0].write(bytes(2));
    await Promise.all([first, second]);
    const buffer = new Uint8Array(1);
    for (const byte of [1, 2]) assert.deepEqual([await pair[1].read(buffer), buffer[0]], [1, byte]);
  });

  test(`${type}: write() refuses what is no chunk, and the end goes on`, async () => {
    await using pair = socketpair({ type });
    for (const wrong of ["text", null, 5, [bytes(1), "text"]]) {
      await assert.rejects(pair[0].write(wrong as unknown as Uint8Array), {
        name: "TypeError",
        message: /^Cannot write /,
      });
    }
    assert.equal(await pair[0].write(bytes(6)), 1);
    const buffer = new Uint8Array(10);
    assert.deepEqual([await pair[1].read(buffer), buffer[0]], [1, 6]);
  });

  test(`${type}: a signal that was aborted before sends nothing`, async () => {
    await using pair = socketpair({ type });
    const signal = AbortSignal.abort(new Error("before"));
    await assert.rejects(pair[0].write(bytes(5), { signal }), { message: "before" });
    await pair[0].write(bytes(6));
    const buffer = new Uint8Array(2);
    assert.deepEqual([await pair[1].read(buffer), buffer[0]], [1, 6]);
  });

  test(`${type}: write() is refused while the writable is locked, and after the end is closed`, async () => {
    await using pair = socketpair({ type });
    const writer = pair[0].writable.getWriter();
    const message = "Cannot write: the writable is locked, and its writer writes";
    await assert.rejects(pair[0].write(bytes(1)), { name: "TypeError", message });
    writer.releaseLock();
    await pair[0].write(bytes(1));
    await pair[0].close();
    await assert.rejects(pair[0].write(bytes(1)), { name: "TypeError", message: "Cannot write: the end is closed" });
  });

  test(`${type}: write() to a peer that is gone fails with the kernel's word`, async () => {
    await using pair = socketpair({ type });
    await pair[1].close();
    const code = type === "dgram" ? "ECONNREFUSED" : "EPIPE";
    await assert.rejects(pair[0].write(bytes(1)), { name: "SocketError", code });
  });
}

for (const type of ["seqpacket", "dgram"] as const) {
  test(`${type}: a signal takes back one write that waits, and the others go`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const controller = new AbortController();
    const writes = Array.from({ length: 20 }, (_, number) => {
      const options = number === 15 ? { signal: controller.signal } : {};
      return pair[0].write(new Uint8Array(3000).fill(number), options);
    });
    const outcomes = Promise.allSettled(writes);
    controller.abort(new Error("enough"));
    const buffer = new Uint8Array(3000);
    for (let number = 0; number < 20; number += 1) {
      if (number !== 15) assert.deepEqual([await pair[1].read(buffer), buffer[0]], [3000, number]);
    }
    const failed = (await outcomes).map((outcome) => outcome.status === "rejected" ? outcome.reason.message : "");
    assert.deepEqual(failed.filter((message) => message !== ""), ["enough"]);
  });

  test(`${type}: write() refuses a record over the system's limit, and the end goes on`, async () => {
    await using pair = socketpair({ type });
    await assert.rejects(pair[0].write(new Uint8Array(2 ** 26)), {
      name: "RangeError",
      message: /^Cannot send a record /,
    });
    assert.equal(await pair[0].write(bytes()), 0);
    assert.equal(await pair[1].read(new Uint8Array(1)), 0);
  });
}

test("stream: a signal in the middle of a chunk rejects the call, and all of the chunk is sent all the same", async () => {
  await using pair = socketpair({ sendBufferSize: 16_384 });
  const controller = new AbortController();
  const chunk = new Uint8Array(300_000).fill(1);
  const writing = assert.rejects(pair[0].write(chunk, { signal: controller.signal }), { message: "enough" });
  const behind = pair[0].write(bytes(2));
  controller.abort(new Error("enough"));
  await writing;
  // The memory is the caller's again.
  chunk.fill(9);
  const buffer = new Uint8Array(100_000);
  let total = 0;
  while (total < 300_001) {
    const count = (await pair[1].read(buffer))!;
    assert.ok(buffer.subarray(0, count).every((byte, index) => byte === (total + index < 300_000 ? 1 : 2)));
    total += count;
  }
  assert.equal(await behind, 1);
});

test("stream: write() of nothing sends nothing and gives 0", async () => {
  await using pair = socketpair();
  assert.equal(await pair[0].write(bytes()), 0);
  assert.equal(await pair[0].write([]), 0);
  await pair[0].closeWrite();
  assert.equal(await pair[1].read(new Uint8Array(1)), null);
});

test("framed: write() sends records of every size, one behind the other", async () => {
  await using pair = socketpair({ framing: "uint32le" });
  const sizes = [0, 1, 65_532, 65_533, 300_000, 0, 5];
  const writes = Promise.all(sizes.map((size) => pair[0].write(new Uint8Array(size).fill(size))));
  const buffer = new Uint8Array(300_000);
  for (const size of sizes) assert.equal(await pair[1].read(buffer), size);
  assert.deepEqual(await writes, sizes);
});

test("framed: write() refuses a record over maxRecordSize, and the end goes on", async () => {
  await using pair = socketpair({ framing: "uint32le", maxRecordSize: 10 });
  await assert.rejects(pair[0].write(new Uint8Array(11)), {
    name: "RangeError",
    message: /11 bytes.*maxRecordSize is 10$/,
  });
  assert.equal(await pair[0].write(new Uint8Array(10)), 10);
  assert.equal(await pair[1].read(new Uint8Array(10)), 10);
});

test("write() is refused where chunks are messages", async () => {
  await using pair = socketpair({ chunks: "messages" });
  const message = "Cannot write: chunks of this end are messages, which go by writable";
  await assert.rejects(pair[0].write(bytes(1)), { name: "TypeError", message });
});

for (const options of [{}, { framing: "uint32le" }, { type: "seqpacket" }] as const) {
  test(`${JSON.stringify(options)}: write() of a chunk whose getter closes the end says so, and sends nothing`, async () => {
    await using pair = socketpair(options);
    const [left, right] = pair;
    const chunk = [new Uint8Array(1)];
    Object.defineProperty(chunk, 0, {
      get() {
        left[Symbol.dispose]();
        return new Uint8Array(1);
      },
    });
    await assert.rejects(left.write(chunk), { name: "TypeError", message: "Cannot write: the end is closed" });
    assert.equal(await right.read(new Uint8Array(9)), null);
  });
}
