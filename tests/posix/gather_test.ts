import { MSG_DONTWAIT, recvmsg, sendmsg } from "../../ffi/mod.ts";
import { codeOf, noise, type RawPair, records, streams } from "../stress/faults/_raw.ts";
import { joined } from "../_joined.ts";
import { assert, test } from "../_support.ts";

/** `count` parts whose sizes go round through `sizes`, each with bytes of its own. */
function partsOf(count: number, sizes: readonly number[]): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: count }, (_, index) => noise(sizes[index % sizes.length]!, index + 1));
}

/** Sends parts as one record and expects exactly that. */
function carries(pair: RawPair, parts: readonly Uint8Array[]): void {
  const whole = joined(parts);
  assert.equal(sendmsg(pair[0], { iov: parts }, MSG_DONTWAIT), whole.length);
  const received = new Uint8Array(whole.length + 1);
  assert.equal(recvmsg(pair[1], { iov: [received] }, MSG_DONTWAIT).bytes, whole.length);
  assert.deepEqual(received.subarray(0, -1), whole);
}

// Parts of more than 4,096 bytes are lent to the kernel, others are copied; one call takes 1,024 entries.
const CASES: [what: string, count: number, sizes: number[]][] = [
  ["no part", 0, [1]],
  ["1 small part", 1, [10]],
  ["1 large part", 1, [5000]],
  ["1 empty part", 1, [0]],
  ["small and empty parts in turn", 9, [3, 0]],
  ["small and large parts in turn", 20, [3, 5000, 4096, 4097]],
  ["1,024 small parts", 1024, [1, 2, 3]],
  ["1,025 small parts", 1025, [1, 2, 3]],
  ["2,000 small parts", 2000, [100]],
  ["2,000 empty parts and a last one", 2001, [...new Array<number>(2000).fill(0), 5]],
];

for (const [what, count, sizes] of CASES) {
  test(`sendmsg() gathers ${what} into one record`, () => {
    using pair = records();
    carries(pair, partsOf(count, sizes));
  });
}

for (const count of [1022, 1023, 1024, 1025, 2000]) {
  test(`sendmsg() gathers ${count} parts, every second one lent, in order`, () => {
    using pair = streams();
    const whole = joined(partsOf(count, [4097, 7]));
    const parts = partsOf(count, [4097, 7]);
    const received = new Uint8Array(whole.length);
    let sent = 0;
    let filled = 0;
    let first = 0;
    while (filled < whole.length) {
      // All of it does not fit at once: go on with what is left, as a caller has to.
      const taken = first < parts.length ? sendmsg(pair[0], { iov: parts.slice(first) }, MSG_DONTWAIT) : 0;
      sent += taken;
      for (let rest = taken; rest > 0;) {
        const part = parts[first]!;
        if (part.length > rest) parts[first] = part.subarray(rest);
        else first += 1;
        rest -= Math.min(part.length, rest);
      }
      while (filled < sent) filled += recvmsg(pair[1], { iov: [received.subarray(filled)] }, MSG_DONTWAIT).bytes;
    }
    assert.equal(filled, whole.length);
    assert.deepEqual(received, whole);
  });
}

test("sendmsg() of more parts than the kernel's buffers hold fails with EMSGSIZE as one record", () => {
  using pair = records();
  for (const size of [4096, 4097]) {
    assert.equal(codeOf(() => sendmsg(pair[0], { iov: partsOf(2100, [size]) }, MSG_DONTWAIT)), "EMSGSIZE");
  }
  assert.equal(codeOf(() => recvmsg(pair[1], { iov: [] }, MSG_DONTWAIT)), "EAGAIN");
});

for (const [what, count, sizes] of CASES) {
  test(`recvmsg() scatters a record over ${what}`, () => {
    using pair = records();
    const parts = partsOf(count, sizes).map((part) => part.fill(0));
    const record = noise(parts.reduce((sum, part) => sum + part.length, 0), 77);
    sendmsg(pair[0], { iov: [record] });
    const result = recvmsg(pair[1], { iov: parts }, MSG_DONTWAIT);
    assert.deepEqual(result, { bytes: record.length, flags: 0, controlLength: 0 });
    assert.deepEqual(joined(parts), record);
  });
}

test("recvmsg() of less than there is room for leaves the rest of its parts alone", () => {
  using pair = records();
  const parts = [new Uint8Array(2).fill(9), new Uint8Array(0), new Uint8Array(3).fill(9), new Uint8Array(2).fill(9)];
  sendmsg(pair[0], { iov: [new Uint8Array([1, 2, 3])] });
  assert.equal(recvmsg(pair[1], { iov: parts }).bytes, 3);
  assert.deepEqual(parts.map((part) => [...part]), [[1, 2], [], [3, 9, 9], [9, 9]]);
});

test("recvmsg() takes more room than 8 MiB, and fills what arrived", () => {
  using pair = streams();
  const sent = noise(50_000);
  sendmsg(pair[0], { iov: [sent] });
  const room = new Uint8Array(9 * 2 ** 20);
  assert.equal(recvmsg(pair[1], { iov: [room] }).bytes, sent.length);
  assert.deepEqual(room.subarray(0, sent.length), sent);
  assert.equal(room.findLastIndex((byte) => byte !== 0) < sent.length, true);
});
