import { SocketEnd, socketpair, type SocketType } from "../../mod.ts";
import { AF_UNIX, SOCK_SEQPACKET, socketpair as rawPair } from "../../ffi/mod.ts";
import { watched } from "../_epoll.ts";
import { assert, delay, test } from "../_support.ts";

const EMPTY = new Uint8Array(0);
const FULL = new Uint8Array([1]);

for (const type of ["seqpacket", "dgram"] satisfies SocketType[]) {
  test(`${type}: empty records among others are records`, async () => {
    await using pair = socketpair({ type });
    const writer = pair[0].writable.getWriter();
    const reader = pair[1].readable.getReader();
    const records = [EMPTY, FULL, EMPTY, EMPTY, FULL, EMPTY];
    const writes = records.map((record) => writer.write(record));
    for (const record of records) assert.deepEqual(await reader.read(), { value: record, done: false });
    await Promise.all(writes);
  });

  test(`${type}: a read that waits gets an empty record`, async () => {
    await using pair = socketpair({ type });
    const read = pair[1].readable.getReader().read();
    await watched(pair[1], "read");
    await pair[0].writable.getWriter().write(EMPTY);
    assert.deepEqual(await read, { value: EMPTY, done: false });
  });
}

test("seqpacket: an empty record before the end is not the end", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const writer = pair[0].writable.getWriter();
  await writer.write(EMPTY);
  await writer.close();
  assert.deepEqual(await Array.fromAsync(pair[1].readable), [EMPTY]);
});

test("seqpacket: an empty record before the peer's close is not the end", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  await pair[0].writable.getWriter().write(EMPTY);
  await pair[0].close();
  assert.deepEqual(await Array.fromAsync(pair[1].readable), [EMPTY]);
});

test("seqpacket: nothing but empty records and the end gives exactly those", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const reading = Array.fromAsync(pair[1].readable);
  const writer = pair[0].writable.getWriter();
  await Promise.all(Array.from({ length: 50 }, () => writer.write(EMPTY)));
  await writer.close();
  assert.deepEqual(await reading, Array.from({ length: 50 }, () => EMPTY));
});

test("seqpacket: ends that were adopted tell empty records from the end", async () => {
  const [left, right] = rawPair(AF_UNIX, SOCK_SEQPACKET, 0);
  await using writing = SocketEnd.from(left);
  await using reading = SocketEnd.from(right);
  const records = Array.fromAsync(reading.readable);
  await delay(5);
  const writer = writing.writable.getWriter();
  for (const record of [EMPTY, FULL, EMPTY]) await writer.write(record);
  await writer.close();
  assert.deepEqual(await records, [EMPTY, FULL, EMPTY]);
});

test("seqpacket: an array of empty parts is an empty record", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const writer = pair[0].writable.getWriter();
  const reader = pair[1].readable.getReader();
  for (const chunk of [[], [EMPTY], [EMPTY, new ArrayBuffer(0), EMPTY]]) {
    await writer.write(chunk);
    assert.deepEqual(await reader.read(), { value: EMPTY, done: false });
  }
});

test("seqpacket: an empty record that was queued before anybody read is a record", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const writer = pair[0].writable.getWriter();
  await writer.write(EMPTY);
  await delay(5);
  assert.deepEqual(await pair[1].readable.getReader().read(), { value: EMPTY, done: false });
});
