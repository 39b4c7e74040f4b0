/** The four ways to write a length before a record, byte by byte, and what is told of a peer that breaks them. */

import { type Framing, FramingError, SocketEnd, socketpair } from "../../mod.ts";
import { AF_UNIX, close, MSG_DONTWAIT, recvmsg, SOCK_STREAM, socketpair as rawPair, write } from "../../ffi/mod.ts";
import { assert, test } from "../_support.ts";

/** What stands before a record of 258 bytes, and of 3. */
const PREFIXES: Record<Framing, [of258: number[], of3: number[]]> = {
  uint32le: [[2, 1, 0, 0], [3, 0, 0, 0]],
  uint32be: [[0, 0, 1, 2], [0, 0, 0, 3]],
  uint16le: [[2, 1], [3, 0]],
  uint16be: [[1, 2], [0, 3]],
};

/** An end with framing, and the descriptor of a peer that has none. */
function halfFramed(framing: Framing, maxRecordSize?: number): [SocketEnd, number] {
  const [fd, peer] = rawPair(AF_UNIX, SOCK_STREAM, 0);
  return [SocketEnd.from(fd, { framing, maxRecordSize }), peer];
}

/** All that a descriptor has. */
function taken(fd: number): number[] {
  const buffer = new Uint8Array(2000);
  return [...buffer.subarray(0, recvmsg(fd, { iov: [buffer] }, MSG_DONTWAIT).bytes)];
}

for (const [framing, [of258, of3]] of Object.entries(PREFIXES) as [Framing, [number[], number[]]][]) {
  const zeros = of3.map(() => 0);

  test(`${framing}: a record goes behind its length, an empty one too`, async () => {
    const [end, peer] = halfFramed(framing);
    for (const record of [new Uint8Array(258).fill(7), new Uint8Array(0), new Uint8Array([1, 2, 3])]) {
      await end.write(record);
    }
    await end.flush();
    assert.deepEqual(taken(peer), [...of258, ...Array<number>(258).fill(7), ...zeros, ...of3, 1, 2, 3]);
    close(peer);
    await end.close();
  });

  test(`${framing}: what a peer writes byte for byte is read as records`, async () => {
    const [end, peer] = halfFramed(framing);
    write(peer, new Uint8Array([...of258, ...Array<number>(258).fill(7), ...zeros, ...of3, 1, 2, 3]));
    close(peer);
    const records = await Array.fromAsync(end.readable);
    assert.deepEqual(records.map((record) => record.length), [258, 0, 3]);
    assert.deepEqual([...records[0]!, ...records[2]!], [...Array<number>(258).fill(7), 1, 2, 3]);
  });

  test(`${framing}: records that are read over one another's ends keep their order, by calls too`, async () => {
    await using pair = socketpair({ framing });
    const sizes = Array.from({ length: 300 }, (_, index) => (index * 7919) % 3000);
    const writes = Promise.all(sizes.map((size, index) => pair[0].write(new Uint8Array(size).fill(index))));
    const buffer = new Uint8Array(3000);
    for (const [index, size] of sizes.entries()) {
      assert.equal(await pair[1].read(buffer), size);
      if (size > 0) assert.deepEqual([buffer[0], buffer[size - 1]], [index & 255, index & 255]);
    }
    await writes;
  });

  for (const cut of [1, of3.length, of3.length + 2]) {
    test(`${framing}: a peer that ends behind ${cut} bytes of a record has cut it: ERR_FRAMING_CUT`, async () => {
      const [end, peer] = halfFramed(framing);
      write(peer, new Uint8Array([...of3, 9, 9, 9, ...[...of3, 1, 2, 3].slice(0, cut)]));
      close(peer);
      const reader = end.readable.getReader();
      assert.deepEqual((await reader.read()).value, new Uint8Array([9, 9, 9]));
      const missing = cut < of3.length ? "its length" : `${of3.length + 3} bytes with its length`;
      const error = await reader.read().then(() => undefined, (reason: unknown) => reason);
      assert.ok(error instanceof FramingError && error instanceof Error);
      assert.deepEqual([error.name, error.code, error.message], [
        "FramingError",
        "ERR_FRAMING_CUT",
        `Cannot receive a record (framing "${framing}"): the peer ended after ${cut} bytes of ${missing}`,
      ]);
      await assert.rejects(end.close(), error);
    });
  }

  test(`${framing}: a length over maxRecordSize is refused at once, and says so of the other byte order`, async () => {
    const [end, peer] = halfFramed(framing, 3);
    write(peer, new Uint8Array([...of3, 9, 9, 9, ...of3.toReversed()]));
    assert.equal(await end.read(new Uint8Array(3)), 3);
    const other = framing.replace(/..$/, (order) => order === "le" ? "be" : "le");
    const length = framing.startsWith("uint16") ? 768 : 50_331_648;
    await assert.rejects(end.read(new Uint8Array(3)), {
      name: "FramingError",
      code: "ERR_FRAMING_TOO_LONG",
      message: `Cannot receive a record of ${length} bytes (framing "${framing}"): maxRecordSize is 3; ` +
        `if the peer writes "${other}", it has 3 bytes`,
    });
    await assert.rejects(end.close(), { code: "ERR_FRAMING_TOO_LONG" });
    close(peer);
  });
}

for (const framing of ["uint16le", "uint16be"] as const) {
  test(`${framing}: a record has at most 65,535 bytes, and the direction goes on behind a longer one`, async () => {
    await using pair = socketpair({ framing });
    const message = "Cannot send a record of 65536 bytes: maxRecordSize is 65535";
    await assert.rejects(pair[0].write(new Uint8Array(65_536)), { name: "RangeError", message });
    const writing = pair[0].write(new Uint8Array(65_535).fill(1));
    assert.equal(await pair[1].read(new Uint8Array(65_535)), 65_535);
    await writing;
    assert.throws(() => socketpair({ framing, maxRecordSize: 65_536 }), RangeError);
  });
}

test("framing is one of four, and means nothing where there are records", () => {
  const message = 'Cannot use "length-prefix" as framing: it is one of uint32le, uint32be, uint16le, uint16be';
  assert.throws(() => socketpair({ framing: "length-prefix" as Framing }), { name: "TypeError", message });
  assert.throws(() => socketpair({ type: "seqpacket", framing: "uint32le" }), { name: "TypeError" });
  assert.throws(() => socketpair({ maxRecordSize: 5 }), { name: "TypeError", message: /without framing/ });
});
