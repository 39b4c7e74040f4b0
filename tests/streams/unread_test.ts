/** `unread`: what an earlier owner of the descriptor had received comes first. */

import { SocketEnd, type SocketEndOptions, socketpair, type SocketPairOptions } from "../../mod.ts";
import { Buffer } from "node:buffer";
import { assert, test } from "../_support.ts";

/** Bytes that repeat only after 64 KiB. */
function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, index) => index * 7 + (index >> 8));
}

/** The far end, and an end whose descriptor had an earlier owner, which had received something. */
function handedOn(unread: readonly Uint8Array[], options: SocketPairOptions = {}): [SocketEnd, SocketEnd] {
  const [far, near] = socketpair(options) as unknown as [SocketEnd, SocketEnd];
  const { type: _, ...own } = options;
  return [far, SocketEnd.from(near.detach().fd, { ...own as SocketEndOptions, unread }) as SocketEnd];
}

async function close(...ends: SocketEnd[]): Promise<void> {
  for (const end of ends) await end.close();
}

/** Records as an earlier owner of each kind of end has had them: with framing as they came. */
const KINDS: Record<string, [options: SocketPairOptions, unread: number[][]]> = {
  "stream": [{}, [[1], [2]]],
  "seqpacket": [{ type: "seqpacket" }, [[1], [2]]],
  "dgram": [{ type: "dgram" }, [[1], [2]]],
  "framed": [{ framing: "uint16be" }, [[0, 1, 1, 0], [1, 2]]],
};

for (const [name, [options, parts]] of Object.entries(KINDS)) {
  const unread = parts.map((part) => new Uint8Array(part));

  test(`read() gives first what the earlier owner had received: ${name}`, async () => {
    const [far, near] = handedOn(unread, options);
    await far.write(new Uint8Array([3]));
    const buffer = new Uint8Array(1);
    for (const byte of [1, 2, 3]) assert.deepEqual([await near.read(buffer), buffer[0]], [1, byte]);
    await close(far, near);
  });

  test(`readable gives first what the earlier owner had received, then the end: ${name}`, async () => {
    const [far, near] = handedOn(unread, options);
    await far.write(new Uint8Array([3]));
    await far.closeWrite();
    const reader = near.readable.getReader();
    for (const byte of [1, 2, 3]) assert.deepEqual((await reader.read()).value, new Uint8Array([byte]));
    if (name !== "dgram") assert.equal((await reader.read()).done, true);
    await close(far, near);
  });

  test(`unread stays the caller's: ${name}`, async () => {
    const given = unread.map((part) => part.slice());
    const [far, near] = handedOn(given, options);
    const reader = near.readable.getReader();
    for (let count = 0; count < 2; count += 1) await reader.read();
    assert.deepEqual(given, unread);
    await close(far, near);
  });
}

test("seqpacket: an empty record that the earlier owner had received is a record", async () => {
  const [far, near] = handedOn([new Uint8Array(0), new Uint8Array([1])], { type: "seqpacket" });
  assert.equal(await near.read(new Uint8Array(1)), 0);
  assert.equal(await near.read(new Uint8Array(1)), 1);
  await close(far, near);
});

test("stream: nothing that the earlier owner had received is not the end", async () => {
  const [far, near] = handedOn([new Uint8Array(0)]);
  const reading = near.readable.getReader().read();
  await far.write(new Uint8Array([1]));
  assert.deepEqual((await reading).value, new Uint8Array([1]));
  await close(far, near);
});

for (const how of ["a BYOB reader", "read()"] as const) {
  test(`stream: ${how} takes a little out of what was unread, and the rest is not copied`, async () => {
    const all = bytesOf(1_000_000);
    const [far, near] = handedOn([all]);
    const received: Uint8Array[] = [];
    const reader = how === "read()" ? undefined : near.readable.getReader({ mode: "byob" });
    for (let count = 0; count < 3; count += 1) {
      const buffer = new Uint8Array(16);
      if (reader === undefined) assert.equal(await near.read(buffer), 16);
      received.push(reader === undefined ? buffer : (await reader.read(buffer)).value!);
    }
    assert.equal(Buffer.compare(Buffer.concat(received), all.subarray(0, 48)), 0);
    const { fd, unread } = near.detach();
    const [rest] = unread as Uint8Array[];
    assert.deepEqual([unread.length, rest!.byteOffset, rest!.buffer.byteLength], [1, 48, 1_000_000]);
    assert.equal(Buffer.compare(rest!, all.subarray(48)), 0);
    await close(far, SocketEnd.from(fd));
  });
}

test("stream: a default reader gets what was unread in chunks of at most 64 KiB, each its own", async () => {
  const all = bytesOf(150_000);
  const [far, near] = handedOn([all]);
  const reader = near.readable.getReader();
  let length = 0;
  for (const size of [65_536, 65_536, 18_928]) {
    const { value } = await reader.read();
    assert.equal(value!.byteLength, size);
    assert.equal(Buffer.compare(value!, all.subarray(length, length += size)), 0);
    structuredClone(value!.buffer, { transfer: [value!.buffer] });
  }
  await close(far, near);
});

test("stream: both kinds of reader take turns at what was unread and at what comes", async () => {
  const all = bytesOf(400_000);
  const [far, near] = handedOn([all.subarray(0, 100_000), all.subarray(100_000, 200_000)]);
  const writing = far.write(all.subarray(200_000));
  const received: Uint8Array[] = [];
  for (let length = 0; length < all.byteLength; length += received.at(-1)!.byteLength) {
    const byob = received.length % 2 === 0;
    const reader = byob ? near.readable.getReader({ mode: "byob" }) : near.readable.getReader();
    received.push((await reader.read(new Uint8Array(777))).value!);
    reader.releaseLock();
  }
  assert.equal(Buffer.compare(Buffer.concat(received), all), 0);
  await writing;
  await close(far, near);
});
