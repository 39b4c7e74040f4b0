import {
  AF_UNIX,
  close,
  getsockopt,
  MSG_DONTWAIT,
  read,
  recvmsg,
  sendmsg,
  setsockopt,
  shutdown,
  SO_SNDBUF,
  SOCK_STREAM,
  socketpair,
  SOL_SOCKET,
  write,
} from "../../ffi/mod.ts";
import { codeOf, records, sockets } from "../stress/faults/_raw.ts";
import { assert, test } from "../_support.ts";

/** What the types forbid and JavaScript lets through. */
const wrong = <T>(value: unknown): T => value as T;

const NO_INTS: [string, unknown][] = [
  ["a fraction", 1.5],
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["2 ** 31", 2 ** 31],
  ["less than -(2 ** 31)", -(2 ** 31) - 1],
  ["a string", "1"],
  ["a bigint", 1n],
  ["undefined", undefined],
  ["null", null],
  ["an object", {}],
];

for (const [what, value] of NO_INTS) {
  const bad = wrong<number>(value);

  test(`socketpair() refuses ${what} as any of its numbers, and opens nothing`, () => {
    const before = sockets();
    assert.throws(() => socketpair(bad, SOCK_STREAM, 0), RangeError);
    assert.throws(() => socketpair(AF_UNIX, bad, 0), RangeError);
    assert.throws(() => socketpair(AF_UNIX, SOCK_STREAM, bad), RangeError);
    assert.deepEqual(sockets(), before);
  });

  test(`every call refuses ${what} as its descriptor`, () => {
    const message = { iov: [new Uint8Array(1)] };
    assert.throws(() => read(bad, new Uint8Array(1)), RangeError);
    assert.throws(() => write(bad, new Uint8Array(1)), RangeError);
    assert.throws(() => close(bad), RangeError);
    assert.throws(() => shutdown(bad, 0), RangeError);
    assert.throws(() => getsockopt(bad, SOL_SOCKET, SO_SNDBUF), RangeError);
    assert.throws(() => setsockopt(bad, SOL_SOCKET, SO_SNDBUF, 4096), RangeError);
    assert.throws(() => sendmsg(bad, message), RangeError);
    assert.throws(() => recvmsg(bad, message), RangeError);
  });

  test(`every call refuses ${what} as any other number`, () => {
    using pair = records();
    const message = { iov: [new Uint8Array(1)] };
    assert.throws(() => shutdown(pair[0], bad), RangeError);
    assert.throws(() => getsockopt(pair[0], bad, SO_SNDBUF), RangeError);
    assert.throws(() => getsockopt(pair[0], SOL_SOCKET, bad), RangeError);
    assert.throws(() => setsockopt(pair[0], bad, SO_SNDBUF, 4096), RangeError);
    assert.throws(() => setsockopt(pair[0], SOL_SOCKET, bad, 4096), RangeError);
    assert.throws(() => setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, bad), RangeError);
    if (value === undefined) return;
    assert.throws(() => sendmsg(pair[0], message, bad), RangeError);
    assert.throws(() => recvmsg(pair[0], message, bad), RangeError);
  });
}

const NO_VECTORS: [string, unknown][] = [
  ["an array", [0, 0]],
  ["an Int32Array of one element", new Int32Array(1)],
  ["a Uint32Array", new Uint32Array(2)],
  ["a Float64Array", new Float64Array(2)],
  ["an ArrayBuffer", new ArrayBuffer(8)],
  ["a string", "0"],
  ["a bigint", 0n],
  ["null", null],
];

for (const [what, vector] of NO_VECTORS) {
  test(`socketpair() refuses ${what} as the vector, and opens nothing`, () => {
    const before = sockets();
    assert.throws(() => socketpair(AF_UNIX, SOCK_STREAM, 0, wrong<Int32Array>(vector)), TypeError);
    assert.deepEqual(sockets(), before);
  });
}

test("socketpair() refuses a vector whose buffer was transferred", () => {
  const vector = new Int32Array(2);
  structuredClone(vector.buffer, { transfer: [vector.buffer] });
  assert.throws(() => socketpair(AF_UNIX, SOCK_STREAM, 0, vector), TypeError);
});

test("socketpair() refuses what is not an address", () => {
  for (const address of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    assert.throws(() => socketpair(AF_UNIX, SOCK_STREAM, 0, address), RangeError, `${address}`);
  }
});

const NO_VIEWS: [string, unknown][] = [
  ["an ArrayBuffer", new ArrayBuffer(4)],
  ["a SharedArrayBuffer", new SharedArrayBuffer(4)],
  ["a string", "text"],
  ["an array", [1, 2, 3]],
  ["a number", 4],
  ["null", null],
  ["undefined", undefined],
];

// A quiet 0 would be taken for the end of the stream, and would send a record that was never written.
for (const [what, value] of NO_VIEWS) {
  const bad = wrong<Uint8Array>(value);

  test(`read() and write() refuse ${what} as the buffer, and move nothing`, () => {
    using pair = records();
    assert.throws(() => write(pair[0], bad), TypeError);
    assert.throws(() => read(pair[1], bad), TypeError);
    assert.equal(codeOf(() => recvmsg(pair[1], { iov: [] }, MSG_DONTWAIT)), "EAGAIN");
  });

  test(`sendmsg() and recvmsg() refuse ${what} as a part, and move nothing`, () => {
    using pair = records();
    assert.throws(() => sendmsg(pair[0], { iov: [bad] }), TypeError);
    assert.equal(write(pair[0], new Uint8Array(3)), 3);
    assert.throws(() => recvmsg(pair[1], { iov: [bad] }, MSG_DONTWAIT), TypeError);
    assert.equal(recvmsg(pair[1], { iov: [new Uint8Array(8)] }, MSG_DONTWAIT).bytes, 3);
  });
}

test("sendmsg() and recvmsg() refuse more than 2,048 bytes of control messages", () => {
  using pair = records();
  const message = { iov: [], control: new Uint8Array(2049) };
  assert.throws(() => sendmsg(pair[0], message), RangeError);
  assert.throws(() => recvmsg(pair[1], message, MSG_DONTWAIT), RangeError);
});

test("sendmsg() and recvmsg() refuse a message that is none", () => {
  using pair = records();
  for (const message of [undefined, null, {}, { iov: 4 }].map(wrong<{ iov: [] }>)) {
    assert.throws(() => sendmsg(pair[0], message), TypeError);
    assert.throws(() => recvmsg(pair[1], message, MSG_DONTWAIT), TypeError);
  }
});
