import { socketpair, type SocketType } from "../../mod.ts";
import { getsockopt, SO_SNDBUF, SOL_SOCKET } from "../../ffi/mod.ts";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { assert, test } from "../_support.ts";

const DEFAULT_SNDBUF = Number(readFileSync("/proc/sys/net/core/wmem_default", "utf8"));
const DEFAULT_LIMIT = DEFAULT_SNDBUF - 32;
/** SO_SNDBUF is doubled when it is set, after the system's maximum was applied. */
const HIGHEST_SNDBUF = 2 * Number(readFileSync("/proc/sys/net/core/wmem_max", "utf8"));
/** More than any system takes: the largest record ever accepted had 4,263,616 bytes. */
const TOO_LARGE = Math.max(HIGHEST_SNDBUF, 8 * 1024 * 1024) + 1;

function recordOf(size: number): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(size);
  for (let index = 0; index < size; index += 1) record[index] = index * 7 + (index >> 8);
  return record;
}

for (const type of ["seqpacket", "dgram"] satisfies SocketType[]) {
  test(`${type}: a record at the default limit arrives and leaves SO_SNDBUF as it is`, async () => {
    await using pair = socketpair({ type });
    const writing = pair[0].writable.getWriter().write(recordOf(DEFAULT_LIMIT));
    const { value } = await pair[1].readable.getReader().read();
    assert.equal(Buffer.compare(value!, recordOf(DEFAULT_LIMIT)), 0);
    assert.equal(getsockopt(pair[0].fd, SOL_SOCKET, SO_SNDBUF), DEFAULT_SNDBUF);
    await writing;
  });

  test(`${type}: a record above the default limit raises SO_SNDBUF by itself`, async () => {
    await using pair = socketpair({ type });
    const size = Math.min(2 * DEFAULT_SNDBUF, HIGHEST_SNDBUF) - 32;
    const writing = pair[0].writable.getWriter().write(recordOf(size));
    const { value } = await pair[1].readable.getReader().read();
    assert.equal(Buffer.compare(value!, recordOf(size)), 0);
    assert.ok(getsockopt(pair[0].fd, SOL_SOCKET, SO_SNDBUF) > DEFAULT_SNDBUF);
    assert.equal(getsockopt(pair[1].fd, SOL_SOCKET, SO_SNDBUF), DEFAULT_SNDBUF, "the peer's is its own");
    await writing;
  });

  test(`${type}: a record one byte above the limit waits for room like any other`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const writer = pair[0].writable.getWriter();
    const reader = pair[1].readable.getReader();
    const sizes = [20_000, 32_736, 32_737, 1, 60_000, 32_737];
    const writes = sizes.map((size) => writer.write(recordOf(size)));
    for (const size of sizes) assert.equal(Buffer.compare((await reader.read()).value!, recordOf(size)), 0);
    await Promise.all(writes);
  });
}

test("seqpacket: a record above what the system allows is a RangeError that names both sizes", async () => {
  using pair = socketpair({ type: "seqpacket" });
  const writer = pair[0].writable.getWriter();
  await assert.rejects(writer.write(new Uint8Array(TOO_LARGE)), (error: Error) => {
    const [size, limit] = error.message.match(/\d+/g)!.map(Number);
    assert.deepEqual([error.name, size], ["RangeError", TOO_LARGE]);
    return limit! > 0 && limit! < TOO_LARGE;
  });
});

test("seqpacket: a record that SO_SNDBUF allows and the kernel has no memory for is a RangeError as well", async () => {
  using pair = socketpair({ type: "seqpacket" });
  const size = HIGHEST_SNDBUF - 32;
  const reading = pair[1].readable.getReader().read();
  try {
    await pair[0].writable.getWriter().write(new Uint8Array(size));
    assert.equal((await reading).value?.byteLength, size);
  } catch (error) {
    assert.ok(error instanceof RangeError && error.message.includes(`${size} bytes`), String(error));
  }
});

test("seqpacket: parts whose sum is above what the system allows are a RangeError that names the sum", async () => {
  using pair = socketpair({ type: "seqpacket" });
  const half = new Uint8Array((TOO_LARGE + 1) / 2);
  await assert.rejects(pair[0].writable.getWriter().write([half, half]), (error: Error) => {
    return error.name === "RangeError" && error.message.includes(`${TOO_LARGE + 1} bytes`);
  });
});

test("seqpacket: everything before a record that is too large has arrived", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const writer = pair[0].writable.getWriter();
  const writes = [recordOf(1), recordOf(100_000), new Uint8Array(TOO_LARGE), recordOf(2)].map((r) => writer.write(r));
  const records = await Array.fromAsync(pair[1].readable);
  assert.deepEqual(records.map((record) => record.byteLength), [1, 100_000]);
  const results = await Promise.allSettled(writes);
  assert.deepEqual(results.map(({ status }) => status), ["fulfilled", "fulfilled", "rejected", "rejected"]);
});

test("seqpacket: a record that is too large fails its own direction only", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const [left, right] = pair;
  const writer = left.writable.getWriter();
  await assert.rejects(writer.write(new Uint8Array(TOO_LARGE)), RangeError);
  await assert.rejects(writer.closed, RangeError);
  await assert.rejects(left.closed, RangeError);
  await right.writable.getWriter().write(recordOf(3));
  assert.deepEqual((await left.readable.getReader().read()).value, recordOf(3));
});
