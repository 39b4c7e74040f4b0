import { socketpair } from "../../mod.ts";
import { Buffer } from "node:buffer";
import { watched } from "../_epoll.ts";
import { assert, delay, test } from "../_support.ts";
import { firstQueued, hasQueued, until } from "../_waiting.ts";

const VIEWS: readonly (new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView<ArrayBuffer>)[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
];

for (const View of VIEWS) {
  for (const words of [8, 1024]) {
    test(`BYOB reader fills a ${View.name} of ${words * 8} bytes in the middle of its buffer`, async () => {
      await using pair = socketpair();
      const sent = new Uint8Array(words * 8).map((_, index) => index * 3 + 1);
      await pair[0].writable.getWriter().write(sent);
      const reader = pair[1].readable.getReader({ mode: "byob" });
      const buffer = new ArrayBuffer(sent.byteLength + 32);
      const length = View === DataView
        ? sent.byteLength
        : sent.byteLength / (View as typeof Uint8Array).BYTES_PER_ELEMENT;
      const { value } = await reader.read(new View(buffer, 16, length));
      assert.ok(value instanceof View);
      assert.deepEqual([value.byteOffset, value.byteLength, value.buffer.byteLength], [
        16,
        sent.byteLength,
        sent.byteLength + 32,
      ]);
      assert.equal(Buffer.compare(new Uint8Array(value.buffer, 16, sent.byteLength), sent), 0);
      assert.equal(new Uint8Array(value.buffer).subarray(0, 16).some((byte) => byte !== 0), false);
    });
  }
}

test("BYOB reader takes no more bytes out than its view holds", async () => {
  await using pair = socketpair();
  await pair[0].write(new Uint8Array([1, 2, 3, 4, 5]));
  const reader = pair[1].readable.getReader({ mode: "byob" });
  assert.equal(firstQueued(pair[1]), 1);
  assert.deepEqual((await reader.read(new Uint8Array(3))).value, new Uint8Array([1, 2, 3]));
  assert.equal(firstQueued(pair[1]), 4);
});

test("BYOB reader returns the caller's memory and detaches the view that was given", async () => {
  await using pair = socketpair();
  await pair[0].writable.getWriter().write(new Uint8Array([1]));
  const buffer = new ArrayBuffer(8);
  const { value } = await pair[1].readable.getReader({ mode: "byob" }).read(new Uint8Array(buffer));
  assert.deepEqual([buffer.detached, value!.buffer.byteLength, value!.byteLength], [true, 8, 1]);
});

test("BYOB reader puts the parts of an element together that arrive apart", async () => {
  await using pair = socketpair();
  const writer = pair[0].writable.getWriter();
  const reading = pair[1].readable.getReader({ mode: "byob" }).read(new Uint32Array(2));
  for (const byte of [1, 2, 3, 4]) await writer.write(new Uint8Array([byte]));
  const { value } = await reading;
  assert.deepEqual([...new Uint8Array(value!.buffer, 0, value!.byteLength)], [1, 2, 3, 4]);
});

test("BYOB reader with min waits until so many elements have arrived", async () => {
  await using pair = socketpair();
  const writer = pair[0].writable.getWriter();
  const reader = pair[1].readable.getReader({ mode: "byob" });
  let settled = false;
  const reading = reader.read(new Uint8Array(10), { min: 5 });
  void reading.then(() => settled = true);
  for (const chunk of [[1, 2], [3, 4]]) await writer.write(new Uint8Array(chunk));
  await delay(5);
  assert.equal(settled, false);
  await writer.write(new Uint8Array([5, 6]));
  assert.deepEqual((await reading).value, new Uint8Array([1, 2, 3, 4, 5, 6]));
});

test("BYOB reader with min gets what there is at the end", async () => {
  await using pair = socketpair();
  const writer = pair[0].writable.getWriter();
  const reader = pair[1].readable.getReader({ mode: "byob" });
  const reading = reader.read(new Uint8Array(10), { min: 10 });
  await writer.write(new Uint8Array([1, 2, 3]));
  await writer.close();
  const { value, done } = await reading;
  assert.deepEqual([value, done], [new Uint8Array([1, 2, 3]), true]);
});

test("BYOB reader whose read waits at the end gets done and its memory back", async () => {
  await using pair = socketpair();
  const reading = pair[1].readable.getReader({ mode: "byob" }).read(new Uint8Array(10));
  await watched(pair[1], "read");
  await pair[0].writable.close();
  const { value, done } = await reading;
  assert.deepEqual([done, value?.byteLength, value?.buffer.byteLength], [true, 0, 10]);
});

test("BYOB reader that comes after the end gets done and its memory back", async () => {
  await using pair = socketpair();
  await pair[0].writable.close();
  const reader = pair[1].readable.getReader({ mode: "byob" });
  for (const size of [10, 5]) {
    const { value, done } = await reader.read(new Uint8Array(size));
    assert.deepEqual([done, value?.byteLength, value?.buffer.byteLength], [true, 0, size]);
  }
});

test("BYOB reader fails when the end comes in the middle of an element, and the end can be closed", async () => {
  await using pair = socketpair();
  const reading = pair[1].readable.getReader({ mode: "byob" }).read(new Uint32Array(2));
  const writer = pair[0].writable.getWriter();
  await writer.write(new Uint8Array([1, 2, 3]));
  await writer.close();
  await assert.rejects(reading, TypeError);
  await assert.rejects(pair[1].close(), TypeError);
  assert.equal(pair[1].fd, -1);
}, { timeout: 5000 });

test("close() fails a BYOB read that holds a part of an element, and nothing else", async () => {
  await using pair = socketpair();
  const reading = pair[1].readable.getReader({ mode: "byob" }).read(new Uint32Array(2));
  const failing = assert.rejects(reading, TypeError);
  await pair[0].write(new Uint8Array([1, 2, 3]));
  await until(() => !hasQueued(pair[1]), "the part of an element");
  await pair[1].close();
  assert.equal(pair[1].fd, -1);
  await failing;
}, { timeout: 5000 });

for (const mode of ["byob", "default"] as const) {
  test(`releaseLock() during a read that waits rejects it and loses nothing (${mode} reader)`, async () => {
    await using pair = socketpair();
    const { readable } = pair[1];
    const reader = mode === "byob" ? readable.getReader({ mode }) : readable.getReader();
    const abandoned = assert.rejects(reader.read(new Uint8Array(10)), TypeError);
    await delay(5);
    reader.releaseLock();
    await abandoned;
    await pair[0].writable.getWriter().write(new Uint8Array([1, 2, 3]));
    await delay(5);
    const next = await readable.getReader({ mode: "byob" }).read(new Uint8Array(10));
    assert.deepEqual(next.value, new Uint8Array([1, 2, 3]));
  }, { timeout: 5000 });

  test(`releaseLock() during a read that waits leaves the bytes to a ${mode} reader that waits after it`, async () => {
    await using pair = socketpair();
    const { readable } = pair[1];
    const reader = readable.getReader({ mode: "byob" });
    const abandoned = assert.rejects(reader.read(new Uint8Array(10)), TypeError);
    await delay(5);
    reader.releaseLock();
    await abandoned;
    const next = mode === "byob" ? readable.getReader({ mode }).read(new Uint8Array(3)) : readable.getReader().read();
    await delay(5);
    const writer = pair[0].writable.getWriter();
    await writer.write(new Uint8Array([1, 2, 3]));
    assert.deepEqual((await next).value, new Uint8Array([1, 2, 3]));
  }, { timeout: 5000 });
}

test("releaseLock() between reads lets both kinds of reader take turns", async () => {
  await using pair = socketpair();
  const { readable } = pair[1];
  await pair[0].writable.getWriter().write(new Uint8Array([1, 2, 3]));
  const byob = readable.getReader({ mode: "byob" });
  assert.deepEqual((await byob.read(new Uint8Array(1))).value, new Uint8Array([1]));
  byob.releaseLock();
  assert.deepEqual((await readable.getReader().read()).value, new Uint8Array([2, 3]));
});
