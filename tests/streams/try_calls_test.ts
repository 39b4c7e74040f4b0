/** tryRead() and tryWrite(): what can be done at once, and nothing else. */

import { type SocketEnd, socketpair } from "../../mod.ts";
import { assert, CONNECTED, test, TYPES } from "../_support.ts";
import { endsWell, start } from "../children/_start.ts";

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values);

for (const type of TYPES) {
  test(`${type}: tryRead() gives at once what tryWrite() has sent, and undefined where nothing is`, () => {
    using pair = socketpair({ type });
    const buffer = new Uint8Array(8);
    assert.equal(pair[1].tryRead(buffer), undefined);
    assert.equal(pair[0].tryWrite(bytes(1, 2, 3)), 3);
    assert.equal(pair[1].tryRead(buffer), 3);
    assert.deepEqual(buffer.subarray(0, 3), bytes(1, 2, 3));
    assert.equal(pair[1].tryRead(buffer), undefined);
  });
}

for (const type of CONNECTED) {
  test(`${type}: tryRead() gives null at EOF, and again`, async () => {
    await using pair = socketpair({ type });
    pair[0].tryWrite(bytes(1));
    await pair[0].closeWrite();
    const buffer = new Uint8Array(8);
    assert.deepEqual([1, 2, 3].map(() => pair[1].tryRead(buffer)), [1, null, null]);
  });

  test(`${type}: tryWrite() throws EPIPE when the peer is gone`, async () => {
    await using pair = socketpair({ type });
    await pair[1].close();
    assert.throws(() => pair[0].tryWrite(bytes(1)), { code: "EPIPE" });
  });
}

test("tryWrite() of bytes gives how many there was room for, and undefined where there is no room", async () => {
  await using pair = socketpair();
  const all = Uint8Array.from({ length: 1_000_000 }, (_, index) => index % 251);
  let sent = 0;
  for (let count = pair[0].tryWrite(all); count !== undefined; count = pair[0].tryWrite(all.subarray(sent))) {
    assert.ok(count > 0 && count < all.length, `${count} bytes`);
    sent += count;
  }
  const buffer = new Uint8Array(sent + 1);
  let came = 0;
  for (let count = pair[1].tryRead(buffer); count; count = pair[1].tryRead(buffer.subarray(came))) came += count;
  assert.equal(came, sent);
  assert.deepEqual(buffer.subarray(0, sent), all.subarray(0, sent));
});

test("tryWrite() of a record sends it whole or not at all", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const record = new Uint8Array(10_000);
  let sent = 0;
  while (pair[0].tryWrite(record) !== undefined) sent += 1;
  const buffer = new Uint8Array(20_000);
  for (; sent > 0; sent -= 1) assert.equal(pair[1].tryRead(buffer), 10_000);
  assert.equal(pair[1].tryRead(buffer), undefined);
});

test("tryRead() and tryWrite() come behind the calls that wait", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const first = new Uint8Array(8);
  const reading = pair[1].read(first);
  pair[0].tryWrite(bytes(1));
  pair[0].tryWrite(bytes(2));
  assert.equal(pair[1].tryRead(new Uint8Array(8)), undefined);
  assert.equal(await reading, 1);
  assert.equal(first[0], 1);
  while (pair[0].tryWrite(new Uint8Array(10_000)) !== undefined);
  const writing = pair[0].write(new Uint8Array(10_000));
  const buffer = new Uint8Array(10_000);
  // There is room again, and it is not this one's.
  while (pair[1].tryRead(buffer) !== undefined);
  assert.equal(pair[0].tryWrite(bytes(3)), undefined);
  assert.equal(await writing, 10_000);
  assert.equal(pair[0].tryWrite(bytes(3)), 1);
});

test("tryWrite() waits behind a chunk that the stream holds", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const writer = pair[0].writable.getWriter();
  const writing = writer.write(bytes(1));
  writer.releaseLock();
  assert.equal(pair[0].tryWrite(bytes(2)), undefined);
  await writing;
  assert.equal(pair[0].tryWrite(bytes(2)), 1);
});

test("tryRead() and tryWrite() refuse what read() and write() do", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  await using messages = socketpair({ chunks: "messages" });
  const other = messages[0] as unknown as SocketEnd;
  assert.throws(() => other.tryRead(new Uint8Array(1)), { name: "TypeError", message: /messages/ });
  assert.throws(() => other.tryWrite(new Uint8Array(1)), { name: "TypeError", message: /messages/ });
  assert.throws(() => pair[0].tryWrite("text" as never), { name: "TypeError", message: /TextEncoder/ });
  assert.throws(() => pair[0].tryRead("text" as never), { name: "TypeError", message: /read into/ });
  pair[0].tryWrite(bytes(1, 2, 3));
  assert.throws(() => pair[1].tryRead(new Uint8Array(2)), { name: "RangeError" });
  assert.equal(pair[1].tryRead(new Uint8Array(3)), 3);
  const [writer, reader] = [pair[0].writable.getWriter(), pair[1].readable.getReader()];
  assert.throws(() => pair[0].tryWrite(bytes(1)), { name: "TypeError", message: /locked/ });
  assert.throws(() => pair[1].tryRead(bytes(1)), { name: "TypeError", message: /locked/ });
  writer.releaseLock();
  reader.releaseLock();
  void pair[0].close();
  assert.throws(() => pair[0].tryWrite(bytes(1)), { name: "TypeError", message: /closed/ });
});

for (const chunks of [undefined, "batches"] as const) {
  test(`framed tryWrite() sends at once, behind what write() has gathered (chunks: ${chunks})`, async () => {
    await using pair = socketpair({ framing: "uint32le", chunks });
    const buffer = new Uint8Array(8);
    const writing = pair[0].write(bytes(0));
    assert.equal(pair[0].tryWrite(bytes(1)), 1);
    assert.equal(pair[0].tryWrite([bytes(2), bytes(2)] as never), 2);
    assert.equal(pair[0].tryWrite(new Uint8Array(0)), 0);
    const came = [1, 2, 3, 4, 5].map(() => [pair[1].tryRead(buffer), buffer[0]]);
    assert.deepEqual(came, [[1, 0], [1, 1], [2, 2], [0, 2], [undefined, 2]]);
    assert.equal(await writing, 1);
  });
}

test("framed tryWrite() gives undefined where there is no room, and what it has taken arrives", async () => {
  await using pair = socketpair({ framing: "uint16be" });
  const record = new Uint8Array(10_000).fill(9);
  let sent = 0;
  while (pair[0].tryWrite(record) !== undefined) sent += 1;
  // The last was taken in part, and its rest goes when there is room.
  assert.ok(sent > 5 && sent < 1000, `${sent} records`);
  const buffer = new Uint8Array(10_000);
  for (let count = 0; count < sent; count += 1) assert.equal(await pair[1].read(buffer), 10_000);
  assert.equal(pair[1].tryRead(buffer), undefined);
  assert.equal(pair[0].tryWrite(bytes(1)), 1);
  assert.equal(pair[1].tryRead(buffer), 1);
});

test("framed tryWrite() of a record that the kernel takes a part of sends the rest later, as it was", async () => {
  await using pair = socketpair({ framing: "uint32le" });
  const record = new Uint8Array(2_000_000).fill(7);
  assert.equal(pair[0].tryWrite(record), record.length);
  record.fill(0);
  assert.equal(pair[0].tryWrite(bytes(1)), undefined);
  const buffer = new Uint8Array(2_000_000);
  assert.equal(await pair[1].read(buffer), 2_000_000);
  assert.ok(buffer.every((byte) => byte === 7));
});

for (const framing of [undefined, "uint32le"]) {
  test(`tryWrite() and tryRead() work in an exit handler (framing: ${framing})`, async () => {
    const { stdout, code } = await endsWell(start("try_in_exit.ts", framing === undefined ? [] : [framing]));
    assert.deepEqual([stdout.trim(), code], ["last words", 0]);
  });
}
