/** Many records in one chunk, received and sent by one call. */

import { type Bytes, socketpair } from "../../mod.ts";
import { assert, delay, test } from "../_support.ts";

/** Reads batches until there are so many records. */
async function batchesOf(readable: ReadableStream<Bytes[]>, count: number): Promise<Bytes[][]> {
  const reader = readable.getReader();
  const batches: Bytes[][] = [];
  for (let received = 0; received < count; received += batches.at(-1)!.length) {
    batches.push((await reader.read()).value!);
  }
  reader.releaseLock();
  return batches;
}

for (const type of ["seqpacket", "dgram"] as const) {
  const options = { type, chunks: "batches" } as const;

  test(`${type}: a batch has the records that are there, at most 32, in one buffer`, async () => {
    await using pair = socketpair(options);
    const records = Array.from({ length: 100 }, (_, index) => new Uint8Array([index, index]));
    await pair[0].writable.getWriter().write(records);
    const batches = await batchesOf(pair[1].readable, 100);
    assert.deepEqual(batches.flat(), records);
    assert.deepEqual(batches.map((batch) => batch.length), [32, 32, 32, 4]);
    for (const batch of batches) assert.equal(new Set(batch.map((record) => record.buffer)).size, 1);
  });

  test(`${type}: empty records in a batch are records`, async () => {
    await using pair = socketpair(options);
    const sizes = [0, 3, 0, 0, 1, 0];
    await pair[0].writable.getWriter().write(sizes.map((size) => new Uint8Array(size)));
    const [batch] = await batchesOf(pair[1].readable, sizes.length);
    assert.deepEqual(batch!.map((record) => record.length), sizes);
  });

  test(`${type}: large records in a batch are whole, among small ones`, async () => {
    await using pair = socketpair(options);
    const sizes = [1, 100_000, 0, 200_000, 5, 65_536, 65_537, 2];
    const writing = pair[0].writable.getWriter().write(sizes.map((size, index) => new Uint8Array(size).fill(index)));
    const records = (await batchesOf(pair[1].readable, sizes.length)).flat();
    await writing;
    assert.deepEqual(records.map((record) => record.length), sizes);
    for (const [index, record] of records.entries()) assert.ok(record.every((byte) => byte === index));
  });

  test(`${type}: a batch that does not fit waits for room in its middle, and nothing is sent twice`, async () => {
    await using pair = socketpair({ ...options, sendBufferSize: 16_384 });
    const records = Array.from({ length: 500 }, (_, index) => new Uint8Array(1000).fill(index));
    const writing = pair[0].writable.getWriter().write(records);
    assert.deepEqual((await batchesOf(pair[1].readable, 500)).flat(), records);
    await writing;
  });

  test(`${type}: a record of a batch may be of parts, or any buffer`, async () => {
    await using pair = socketpair(options);
    const batch = [
      [new Uint8Array([1]), new Uint8Array([2])],
      new ArrayBuffer(1),
      new DataView(new ArrayBuffer(2)),
      [],
    ];
    await pair[0].writable.getWriter().write(batch);
    const [records] = await batchesOf(pair[1].readable, 4);
    assert.deepEqual(records!.map((record) => [...record]), [[1, 2], [0], [0, 0], []]);
  });

  test(`${type}: an empty batch is written, and is nothing`, async () => {
    await using pair = socketpair(options);
    const writer = pair[0].writable.getWriter();
    await writer.write([]);
    await writer.write([new Uint8Array([1])]);
    assert.deepEqual(await batchesOf(pair[1].readable, 1), [[new Uint8Array([1])]]);
  });

  test(`${type}: a batch with something else in its middle fails, and the records before that arrive`, async () => {
    await using pair = socketpair(options);
    const wrong = [new Uint8Array([1]), new Uint8Array([2]), "text" as unknown as Uint8Array, new Uint8Array([3])];
    const refusal = { name: "TypeError", message: /^Cannot write a value of type string: / };
    await assert.rejects(pair[0].writable.getWriter().write(wrong), refusal);
    assert.deepEqual((await batchesOf(pair[1].readable, 2)).flat(), [new Uint8Array([1]), new Uint8Array([2])]);
  });

  test(`${type}: what is no array is no batch`, async () => {
    await using pair = socketpair(options);
    const message = "Cannot write a batch: it is an array of records";
    await assert.rejects(pair[0].writable.getWriter().write(new Uint8Array(1) as never), {
      name: "TypeError",
      message,
    });
  });

  test(`${type}: a batch keeps what it has when later ones come`, async () => {
    await using pair = socketpair(options);
    const writer = pair[0].writable.getWriter();
    const kept: Bytes[] = [];
    for (let round = 0; round < 20; round += 1) {
      await writer.write([new Uint8Array(50).fill(round), new Uint8Array(10).fill(round)]);
      kept.push(...(await batchesOf(pair[1].readable, 2)).flat());
    }
    for (const [index, record] of kept.entries()) assert.ok(record.every((byte) => byte === index >> 1));
  });
}

test("seqpacket: the end comes behind the last batch", async () => {
  await using pair = socketpair({ type: "seqpacket", chunks: "batches" });
  const writer = pair[0].writable.getWriter();
  await writer.write([new Uint8Array([1]), new Uint8Array(0)]);
  await writer.close();
  assert.deepEqual(await Array.fromAsync(pair[1].readable), [[new Uint8Array([1]), new Uint8Array(0)]]);
});

test("framed: a batch has all that has arrived whole, at most 1,024", async () => {
  await using pair = socketpair({ framing: "uint16be", chunks: "batches" });
  const records = Array.from({ length: 3000 }, (_, index) => new Uint8Array(index % 5).fill(index));
  const writing = pair[0].writable.getWriter().write(records);
  const batches = await batchesOf(pair[1].readable, 3000);
  await writing;
  assert.deepEqual(batches.flat(), records);
  assert.ok(batches.every((batch) => batch.length <= 1024) && batches.length < 20, `${batches.length} batches`);
});

const KINDS = [["seqpacket", { type: "seqpacket" }], ["dgram", { type: "dgram" }], ["framed", {
  framing: "uint16be",
}]] as const;
for (const [kind, options] of KINDS) {
  test(`${kind}: a batch that its reader left in the stream goes on with what is behind it, in order`, async () => {
    await using pair = socketpair({ ...options, chunks: "batches" });
    const [near, far] = pair;
    const left = near.readable.getReader();
    const refused = assert.rejects(left.read(), TypeError);
    await delay(1); // until the stream asks
    left.releaseLock();
    await refused;
    const idle = near.readable.getReader();
    // More than one batch takes, and less than a datagram socket's queue.
    const count = kind === "framed" ? 3000 : 100;
    const records = Array.from({ length: count }, (_, index) => new Uint8Array([index >> 8, index & 255]));
    await far.writable.getWriter().write(records);
    await delay(20);
    idle.releaseLock();
    const first = new Uint8Array(2);
    assert.equal(await near.read(first), 2);
    const rest = await batchesOf(near.readable, count - 1);
    assert.deepEqual([first, ...rest.flat()], records);
  });
}

test("batches mean nothing without records", () => {
  const message = 'Cannot use chunks "batches" on type "stream": it has no records without framing';
  assert.throws(() => socketpair({ chunks: "batches" }), { name: "TypeError", message });
});
