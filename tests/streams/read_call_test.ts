/** read(): into the caller's own memory, without a stream. */

import { socketpair } from "../../mod.ts";
import { assert, test, TYPES } from "../_support.ts";
import { hasQueued } from "../_waiting.ts";

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(values);

for (const type of TYPES) {
  test(`${type}: read() gives the number of bytes, and touches no others`, async () => {
    await using pair = socketpair({ type });
    await pair[0].write(bytes(1, 2, 3));
    const buffer = new Uint8Array(8).fill(9);
    assert.equal(await pair[1].read(buffer.subarray(2, 6)), 3);
    assert.deepEqual(buffer, bytes(9, 9, 1, 2, 3, 9, 9, 9));
  });

  test(`${type}: read() that waits gives what comes`, async () => {
    await using pair = socketpair({ type });
    const buffer = new Uint8Array(4);
    const reading = pair[1].read(buffer);
    await pair[0].write(bytes(7));
    assert.deepEqual([await reading, buffer[0]], [1, 7]);
  });

  test(`${type}: reads at the same time are served in the order of their calls`, async () => {
    await using pair = socketpair({ type });
    const buffers = [1, 2, 3, 4].map(() => new Uint8Array(1));
    const order: number[] = [];
    const reads = buffers.map((buffer, index) => pair[1].read(buffer).then(() => order.push(index)));
    for (const byte of [1, 2, 3, 4]) await pair[0].write(bytes(byte));
    await Promise.all(reads);
    assert.deepEqual([buffers.map(([byte]) => byte), order], [[1, 2, 3, 4], [0, 1, 2, 3]]);
  });

  test(`${type}: a signal ends one read with its reason, and the others lose nothing`, async () => {
    await using pair = socketpair({ type });
    const controllers = [new AbortController(), new AbortController()];
    const buffers = [1, 2, 3].map(() => new Uint8Array(1));
    const reads = buffers.map((buffer, index) => pair[1].read(buffer, { signal: controllers[index]?.signal }));
    const outcomes = Promise.allSettled(reads);
    controllers[1]!.abort(new Error("enough"));
    for (const byte of [1, 2]) await pair[0].write(bytes(byte));
    const [first, second, third] = await outcomes;
    assert.deepEqual([first, third], [{ status: "fulfilled", value: 1 }, { status: "fulfilled", value: 1 }]);
    assert.equal(second!.status === "rejected" && second!.reason.message, "enough");
    assert.deepEqual(buffers.map(([byte]) => byte), [1, 0, 2]);
  });

  test(`${type}: a timeout ends a read, and the next read gets what comes after it`, async () => {
    await using pair = socketpair({ type });
    const buffer = new Uint8Array(1);
    await assert.rejects(pair[1].read(buffer, { signal: AbortSignal.timeout(5) }), { name: "TimeoutError" });
    await pair[0].write(bytes(5));
    assert.deepEqual([await pair[1].read(buffer), buffer[0]], [1, 5]);
  });

  test(`${type}: a signal that was aborted before receives nothing`, async () => {
    await using pair = socketpair({ type });
    await pair[0].write(bytes(5));
    const signal = AbortSignal.abort(new Error("before"));
    await assert.rejects(pair[1].read(new Uint8Array(1), { signal }), { message: "before" });
    assert.ok(hasQueued(pair[1]));
  });

  test(`${type}: read() is refused while the readable is locked, and not after that`, async () => {
    await using pair = socketpair({ type });
    const reader = pair[1].readable.getReader();
    const refusal = { name: "TypeError", message: "Cannot read: the readable is locked, and its reader reads" };
    await assert.rejects(pair[1].read(new Uint8Array(1)), refusal);
    reader.releaseLock();
    await pair[0].write(bytes(5));
    assert.equal(await pair[1].read(new Uint8Array(1)), 1);
  });

  test(`${type}: read() gets first what came for a reader that had let go`, async () => {
    await using pair = socketpair({ type });
    const reader = pair[1].readable.getReader();
    const abandoned = assert.rejects(reader.read(), TypeError);
    reader.releaseLock();
    await abandoned;
    for (const byte of [1, 2]) await pair[0].write(bytes(byte));
    const buffer = new Uint8Array(1);
    for (const byte of [1, 2]) assert.deepEqual([await pair[1].read(buffer), buffer[0]], [1, byte]);
  });

  test(`${type}: read() of an end that is closed gives null, of one that has failed its error`, async () => {
    await using pair = socketpair({ type });
    const waiting = pair[1].read(new Uint8Array(1));
    await pair[1].close();
    assert.deepEqual([await waiting, await pair[1].read(new Uint8Array(1))], [null, null]);
    await using other = socketpair({ type });
    const reason = new Error("enough");
    const failing = assert.rejects(other[0].read(new Uint8Array(1)), reason);
    await other[0].close(reason).catch(() => {});
    await failing;
    await assert.rejects(other[0].read(new Uint8Array(1)), reason);
  });

  test(`${type}: read() fills views of every kind, buffers and shared memory`, async () => {
    await using pair = socketpair({ type });
    const memory = new SharedArrayBuffer(8);
    const targets = [new DataView(new ArrayBuffer(16), 4, 8), new Float64Array(1), new ArrayBuffer(8), memory];
    for (const target of targets) {
      await pair[0].write(bytes(1, 2, 3, 4, 5, 6, 7, 8));
      assert.equal(await pair[1].read(target), 8);
      const view = ArrayBuffer.isView(target)
        ? new Uint8Array(target.buffer, target.byteOffset, 8)
        : new Uint8Array(target);
      assert.deepEqual([...view], [1, 2, 3, 4, 5, 6, 7, 8]);
    }
  });

  test(`${type}: read() refuses what is no buffer, and says what came`, async () => {
    await using pair = socketpair({ type });
    for (const [wrong, name] of [[null, "null"], [5, "a value of type number"], [[], "an object of type Array"]]) {
      const refusal = { name: "TypeError", message: new RegExp(`^Cannot read into ${name}: `) };
      await assert.rejects(pair[1].read(wrong as unknown as Uint8Array), refusal);
    }
    const gone = new Uint8Array(4);
    structuredClone(gone.buffer, { transfer: [gone.buffer] });
    await assert.rejects(pair[1].read(gone), { name: "TypeError", message: /detached/ });
  });
}

for (const options of [{ type: "seqpacket" }, { type: "dgram" }, { framing: "uint32le" }] as const) {
  const name = "type" in options ? options.type : "framed";

  test(`${name}: read() gives one record, and 0 for an empty one`, async () => {
    await using pair = socketpair(options);
    for (const record of [bytes(1), bytes(), bytes(2, 3)]) await pair[0].write(record);
    const buffer = new Uint8Array(10);
    assert.deepEqual([await pair[1].read(buffer), buffer[0]], [1, 1]);
    assert.equal(await pair[1].read(buffer), 0);
    assert.deepEqual([await pair[1].read(buffer), buffer[1]], [2, 3]);
  });

  for (const size of [2, 100, 70_000]) {
    test(`${name}: a record longer than the buffer stays for the next read: ${size} bytes`, async () => {
      await using pair = socketpair(options);
      const record = new Uint8Array(size).map((_, index) => index * 7 + 1);
      void pair[0].write(record);
      const refusal = {
        name: "RangeError",
        message: `Cannot read a record of ${size} bytes into a buffer of ${size - 1} bytes: it stays for the next read`,
      };
      for (let time = 0; time < 2; time += 1) await assert.rejects(pair[1].read(new Uint8Array(size - 1)), refusal);
      const buffer = new Uint8Array(size);
      assert.equal(await pair[1].read(buffer), size);
      assert.deepEqual(buffer, record);
    });
  }
}

test("a record longer than the buffer of a read that waited goes to the next reader of the stream", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const reading = assert.rejects(pair[1].read(new Uint8Array(1)), RangeError);
  await pair[0].write(bytes(1, 2));
  await reading;
  assert.deepEqual((await pair[1].readable.getReader().read()).value, bytes(1, 2));
});

test("stream: read() takes at most what the buffer has room for, and the rest stays", async () => {
  await using pair = socketpair();
  await pair[0].write(bytes(1, 2, 3));
  const buffer = new Uint8Array(2);
  assert.deepEqual([await pair[1].read(buffer), [...buffer]], [2, [1, 2]]);
  assert.deepEqual([await pair[1].read(buffer), buffer[0]], [1, 3]);
});

test("stream: read() into an empty buffer gives 0, and the end goes on", async () => {
  await using pair = socketpair();
  await pair[0].write(bytes(1));
  assert.equal(await pair[1].read(new Uint8Array(0)), 0);
  assert.equal(await pair[1].read(new Uint8Array(1)), 1);
});

for (const type of ["stream", "seqpacket"] as const) {
  test(`${type}: read() gives null at the end, each time`, async () => {
    await using pair = socketpair({ type });
    const waiting = [pair[1].read(new Uint8Array(1)), pair[1].read(new Uint8Array(1))];
    await pair[0].closeWrite();
    assert.deepEqual(await Promise.all(waiting), [null, null]);
    assert.equal(await pair[1].read(new Uint8Array(1)), null);
  });
}

test("read() of an end with batches gives one record at a time", async () => {
  await using pair = socketpair({ type: "seqpacket", chunks: "batches" });
  await pair[0].writable.getWriter().write([bytes(1), bytes(2, 2)]);
  const buffer = new Uint8Array(4);
  assert.deepEqual([await pair[1].read(buffer), await pair[1].read(buffer)], [1, 2]);
});

test("read() is refused where chunks are messages", async () => {
  await using pair = socketpair({ chunks: "messages" });
  const message = "Cannot read: chunks of this end are messages, which come by readable";
  await assert.rejects(pair[1].read(new Uint8Array(1)), { name: "TypeError", message });
});
