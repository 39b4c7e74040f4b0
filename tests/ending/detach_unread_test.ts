import { SocketEnd, socketpair } from "../../mod.ts";
import { Buffer } from "node:buffer";
import { watched } from "../_epoll.ts";
import { readOn } from "../_read_on.ts";
import { assert, delay, test } from "../_support.ts";
import { hasQueued, until } from "../_waiting.ts";

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, index) => index);
}

for (const type of ["seqpacket", "dgram"] as const) {
  for (const lengths of [[2], [5000, 0, 1], [70_000, 2]]) {
    test(`${type}: detach() gives back a record that was too long for the view: ${lengths} bytes`, async () => {
      await using pair = socketpair({ type });
      const records = lengths.map(bytesOf);
      for (const record of records) await pair[0].write(record);
      await assert.rejects(pair[1].read(new Uint8Array(1)), RangeError);
      const { fd, unread } = pair[1].detach();
      assert.deepEqual(unread, records.slice(0, 1));
      await using next = SocketEnd.from(fd, { unread });
      const reader = next.readable.getReader();
      for (const record of records) assert.equal(Buffer.compare((await reader.read()).value!, record), 0);
    });
  }
}

test("seqpacket: detach() gives back an empty record that came while a reader held the lock and had not asked", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const reader = pair[1].readable.getReader();
  const abandoned = assert.rejects(reader.read(), TypeError);
  await watched(pair[1], "read");
  reader.releaseLock();
  await abandoned;
  pair[1].readable.getReader();
  for (const length of [0, 2]) await pair[0].write(new Uint8Array(length));
  await until(() => hasQueued(pair[1]), "the receipt of the empty record");
  const { fd, unread } = pair[1].detach();
  assert.deepEqual(unread, [new Uint8Array(0)]);
  SocketEnd.from(fd)[Symbol.dispose]();
});

for (const size of [1, 10, 9_999, 10_000, 10_001]) {
  test(`stream: detach() gives back what is left of an earlier owner's bytes after reads of ${size} bytes`, async () => {
    await using pair = socketpair();
    const all = bytesOf(90_000);
    const unread = [all.slice(0, 10_000), all.slice(10_000, 50_000)];
    const first = SocketEnd.from(pair[1].detach().fd, { unread });
    await pair[0].write(all.subarray(50_000));
    const reader = first.readable.getReader({ mode: "byob" });
    let length = 0;
    for (let count = 0; count < 3; count += 1) length += (await reader.read(new Uint8Array(size))).value!.byteLength;
    const rest = await readOn(first.detach(), all.byteLength - length);
    assert.equal(Buffer.compare(rest, all.subarray(length)), 0);
  });
}

test("seqpacket: detach() gives back a record whose reader had gone", async () => {
  await using pair = socketpair({ type: "seqpacket" });
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
  test(`stream: detach() gives back bytes whose ${mode} reader had gone`, async () => {
    await using pair = socketpair();
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

test("stream: detach() gives back what a read with min holds so far", async () => {
  await using pair = socketpair();
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
test("stream: detach() gives back all for a read with min whose reader had gone", async () => {
  await using pair = socketpair();
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

test("stream: detach() gives back a part of an element that an earlier owner had received", async () => {
  await using pair = socketpair();
  const first = SocketEnd.from(pair[1].detach().fd, { unread: [bytesOf(8)] });
  const reader = first.readable.getReader({ mode: "byob" });
  await reader.read(new Uint8Array(1));
  assert.deepEqual([...new Uint8Array((await reader.read(new Uint32Array(1))).value!.buffer)], [1, 2, 3, 4]);
  const reading = assert.rejects(reader.read(new Uint32Array(1)), TypeError);
  await delay(5);
  const detached = first.detach();
  await reading;
  assert.deepEqual([...await readOn(detached, 3)], [5, 6, 7]);
});
