import { SocketEnd, socketpair } from "../../mod.ts";
import { Buffer } from "node:buffer";
import { readOn } from "../_read_on.ts";
import { assert, delay, test } from "../_support.ts";

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, index) => index);
}

for (const type of ["seqpacket", "dgram"] as const) {
  for (const reads of [1, 2, 3, 4, 5]) {
    test(`${type}: detach() gives back what was received ahead after ${reads} of 9 records`, async () => {
      await using pair = socketpair({ type, readAhead: 3 });
      const writer = pair[0].writable.getWriter();
      for (let number = 0; number < 9; number += 1) await writer.write(new Uint8Array([number]));
      const reader = pair[1].readable.getReader();
      for (let count = 0; count < reads; count += 1) await reader.read();
      const detached = pair[1].detach();
      assert.equal(detached.unread.length, (4 - reads % 4) % 4);
      assert.deepEqual([...await readOn(detached, 9 - reads)], [...bytesOf(9).subarray(reads)]);
    });
  }
}

test("detach() gives back empty records that were received ahead", async () => {
  await using pair = socketpair({ type: "seqpacket", readAhead: 4 });
  const writer = pair[0].writable.getWriter();
  for (const size of [1, 0, 0, 2]) await writer.write(new Uint8Array(size));
  await pair[1].readable.getReader().read();
  const { fd, unread } = pair[1].detach();
  assert.deepEqual((unread as Uint8Array[]).map(({ byteLength }) => byteLength), [0, 0, 2]);
  SocketEnd.from(fd)[Symbol.dispose]();
});

for (const size of [1, 10, 99, 100, 101]) {
  test(`stream: detach() gives back what was received ahead, with reads of ${size} bytes`, async () => {
    await using pair = socketpair({ readAhead: 1000 });
    await pair[0].writable.getWriter().write(bytesOf(200_000));
    const reader = pair[1].readable.getReader({ mode: "byob" });
    let length = 0;
    for (let count = 0; count < 3; count += 1) length += (await reader.read(new Uint8Array(size))).value!.byteLength;
    const rest = await readOn(pair[1].detach(), 200_000 - length);
    assert.equal(Buffer.compare(rest, bytesOf(200_000).subarray(length)), 0);
  });
}

for (const readAhead of [0, 2, 100]) {
  test(`seqpacket: detach() gives back a record whose reader had gone (readAhead ${readAhead})`, async () => {
    await using pair = socketpair({ type: "seqpacket", readAhead });
    const reader = pair[1].readable.getReader();
    const abandoned = assert.rejects(reader.read(), TypeError);
    await delay(5);
    reader.releaseLock();
    await abandoned;
    await pair[0].writable.getWriter().write(new Uint8Array([7]));
    await delay(5);
    assert.deepEqual([...await readOn(pair[1].detach(), 1)], [7]);
  });

  for (const mode of ["byob", "default"] as const) {
    test(`stream: detach() gives back bytes whose ${mode} reader had gone (readAhead ${readAhead})`, async () => {
      await using pair = socketpair({ readAhead });
      const { readable } = pair[1];
      const reader = mode === "byob" ? readable.getReader({ mode }) : readable.getReader();
      const abandoned = assert.rejects(reader.read(new Uint8Array(10)), TypeError);
      await delay(5);
      reader.releaseLock();
      await abandoned;
      await pair[0].writable.getWriter().write(bytesOf(30));
      await delay(5);
      assert.deepEqual([...await readOn(pair[1].detach(), 30)], [...bytesOf(30)]);
    });
  }

  test(`stream: detach() gives back what a read with min holds so far (readAhead ${readAhead})`, async () => {
    await using pair = socketpair({ readAhead });
    const reading = assert.rejects(
      pair[1].readable.getReader({ mode: "byob" }).read(new Uint8Array(10), { min: 10 }),
      TypeError,
    );
    await pair[0].writable.getWriter().write(bytesOf(3));
    await delay(5);
    const detached = pair[1].detach();
    await reading;
    assert.deepEqual([...await readOn(detached, 3)], [0, 1, 2]);
  });
  test(`stream: detach() gives back all for a read with min whose reader had gone (readAhead ${readAhead})`, async () => {
    await using pair = socketpair({ readAhead });
    const writer = pair[0].writable.getWriter();
    const reader = pair[1].readable.getReader({ mode: "byob" });
    const abandoned = assert.rejects(reader.read(new Uint8Array(10), { min: 10 }), TypeError);
    await writer.write(bytesOf(7).subarray(0, 3));
    await delay(5);
    reader.releaseLock();
    await abandoned;
    await writer.write(bytesOf(7).subarray(3));
    await delay(5);
    assert.deepEqual([...await readOn(pair[1].detach(), 7)], [0, 1, 2, 3, 4, 5, 6]);
  });
}

test("stream: detach() gives back a part of an element that was received ahead", async () => {
  await using pair = socketpair({ readAhead: 100 });
  await pair[0].writable.getWriter().write(bytesOf(8));
  const reader = pair[1].readable.getReader({ mode: "byob" });
  await reader.read(new Uint8Array(1));
  assert.deepEqual([...new Uint8Array((await reader.read(new Uint32Array(1))).value!.buffer)], [1, 2, 3, 4]);
  const reading = assert.rejects(reader.read(new Uint32Array(1)), TypeError);
  await delay(5);
  const detached = pair[1].detach();
  await reading;
  assert.deepEqual([...await readOn(detached, 3)], [5, 6, 7]);
});
