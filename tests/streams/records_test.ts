import { socketpair } from "../../mod.ts";
import { write } from "../../ffi/mod.ts";
import { Buffer } from "node:buffer";
import { assert, delay, test } from "../_support.ts";
import { firstQueued } from "../_waiting.ts";

/** A record whose bytes tell which one it is: its number and every byte's place are in them. */
function recordOf(number: number, size: number): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(size);
  for (let index = 0; index < size; index += 1) record[index] = number * 31 + index * 7 + (index >> 8);
  return record;
}

for (const type of ["seqpacket", "dgram"] as const) {
  test(`${type}: records of random sizes arrive whole and in order`, async () => {
    await using pair = socketpair({ type });
    const writer = pair[0].writable.getWriter();
    const reader = pair[1].readable.getReader();
    const sizes = Array.from({ length: 200 }, () => Math.floor(Math.random() ** 4 * 212_961));
    const writes = sizes.map((size, number) => writer.write(recordOf(number, size)));
    for (const [number, size] of sizes.entries()) {
      const { value } = await reader.read();
      assert.equal(Buffer.compare(value!, recordOf(number, size)), 0, `record ${number} of ${size} bytes`);
    }
    await Promise.all(writes);
  });

  test(`${type}: reads that came before the records get them in order`, async () => {
    await using pair = socketpair({ type });
    const reader = pair[1].readable.getReader();
    const reads = Array.from({ length: 20 }, () => reader.read());
    const writer = pair[0].writable.getWriter();
    for (let number = 0; number < 20; number += 1) await writer.write(recordOf(number, number));
    const records = await Promise.all(reads);
    assert.deepEqual(records.map(({ value }) => value), reads.map((_, number) => recordOf(number, number)));
  });

  test(`${type}: both directions carry records at once`, async () => {
    await using pair = socketpair({ type });
    const received = await Promise.all(pair.map(async (end, side) => {
      const writer = end.writable.getWriter();
      const reader = end.readable.getReader();
      const writes = Array.from({ length: 100 }, (_, number) => writer.write(recordOf(number + side, 5000)));
      for (let number = 0; number < 100; number += 1) {
        const { value } = await reader.read();
        assert.equal(Buffer.compare(value!, recordOf(number + 1 - side, 5000)), 0, `record ${number}`);
      }
      await Promise.all(writes);
      return true;
    }));
    assert.deepEqual(received, [true, true]);
  });
}

test("seqpacket: nothing is received that was not asked for", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  for (const number of [1, 2, 3]) await pair[0].write(new Uint8Array([number]));
  const reader = pair[1].readable.getReader();
  assert.equal(firstQueued(pair[1]), 1);
  await reader.read();
  assert.equal(firstQueued(pair[1]), 2);
});

test("seqpacket: 1024 records are echoed one by one", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const [left, right] = pair;
  const echoing = right.readable.pipeTo(right.writable);
  const writer = left.writable.getWriter();
  const reader = left.readable.getReader();
  for (let number = 0; number < 1024; number += 1) {
    await writer.write(recordOf(number, number));
    assert.equal(Buffer.compare((await reader.read()).value!, recordOf(number, number)), 0, `record ${number}`);
  }
  await writer.close();
  assert.equal((await reader.read()).done, true);
  await echoing;
});

test("seqpacket: reads that wait on 300 pairs at once each get their own record", async () => {
  const pairs = Array.from({ length: 300 }, () => socketpair({ type: "seqpacket" }));
  const reads = pairs.map(([, right]) => right.readable.getReader().read());
  for (const [number, [left]] of [...pairs.entries()].reverse()) {
    await left.writable.getWriter().write(recordOf(number, 8));
  }
  const records = await Promise.all(reads);
  assert.deepEqual(records.map(({ value }) => value), pairs.map((_, number) => recordOf(number, 8)));
  await Promise.all(pairs.map((pair) => pair[Symbol.asyncDispose]()));
});

test("seqpacket: reads that wait on 300 pairs are woken by the kernel all at once", async () => {
  const pairs = Array.from({ length: 300 }, () => socketpair({ type: "seqpacket" }));
  const reads = pairs.map(([, right]) => right.readable.getReader().read());
  await delay(20);
  // Behind the streams' back, as a child process would: nothing in this thread knows of it.
  for (const [number, [left]] of pairs.entries()) write(left.fd, recordOf(number, 8));
  const records = await Promise.all(reads);
  assert.deepEqual(records.map(({ value }) => value), pairs.map((_, number) => recordOf(number, 8)));
  await Promise.all(pairs.map((pair) => pair[Symbol.asyncDispose]()));
});

test("seqpacket: records on several pairs arrive in the order of their writing, not of the reads", async () => {
  const pairs = Array.from({ length: 3 }, () => socketpair({ type: "seqpacket" }));
  const order: number[] = [];
  const reads = pairs.map(([, right], number) => right.readable.getReader().read().then(() => order.push(number)));
  for (const number of [2, 0, 1]) {
    await pairs[number]![0].writable.getWriter().write(new Uint8Array(1));
    await reads[number];
  }
  assert.deepEqual(order, [2, 0, 1]);
  await Promise.all(pairs.map((pair) => pair[Symbol.asyncDispose]()));
});

test("seqpacket: every record has an ArrayBuffer of its own, which may be transferred", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const writer = pair[0].writable.getWriter();
  const reader = pair[1].readable.getReader();
  for (const size of [1, 100, 5000, 212_960]) {
    const writes = [writer.write(recordOf(1, size)), writer.write(recordOf(2, size))];
    const first = (await reader.read()).value!;
    const second = (await reader.read()).value!;
    assert.deepEqual([first.byteOffset, first.buffer.byteLength, first.buffer.resizable], [0, size, false]);
    const moved = structuredClone(first, { transfer: [first.buffer] });
    assert.equal(first.buffer.detached, true);
    moved.fill(0);
    assert.equal(Buffer.compare(second, recordOf(2, size)), 0, "the next record is untouched");
    await Promise.all(writes);
  }
});

test("seqpacket: a chunk may be changed as soon as its write has resolved", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const writer = pair[0].writable.getWriter();
  const reader = pair[1].readable.getReader();
  for (const size of [100, 100_000]) {
    const chunk = recordOf(1, size);
    await writer.write(chunk);
    chunk.fill(0);
    const { value } = await reader.read();
    assert.equal(Buffer.compare(value!, recordOf(1, size)), 0);
  }
});
