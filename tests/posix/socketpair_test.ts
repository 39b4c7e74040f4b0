import { existsSync } from "node:fs";
import {
  AF_INET,
  AF_INET6,
  AF_LOCAL,
  AF_UNIX,
  AF_UNSPEC,
  close,
  getsockopt,
  read,
  SO_DOMAIN,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  socketpair,
  SOL_SOCKET,
  write,
} from "../../ffi/mod.ts";
import { arena } from "../../ffi/arena.ts";
import { codeOf, flagsOf, sockets } from "../stress/faults/_raw.ts";
import { assert, test } from "../_support.ts";

const TYPES: [string, number, number][] = [
  ["SOCK_STREAM", SOCK_STREAM, SOCK_STREAM],
  ["SOCK_DGRAM", SOCK_DGRAM, SOCK_DGRAM],
  ["SOCK_SEQPACKET", SOCK_SEQPACKET, SOCK_SEQPACKET],
  ["SOCK_RAW", SOCK_RAW, SOCK_DGRAM],
];

for (const [name, type, made] of TYPES) {
  test(`socketpair() makes two AF_UNIX sockets of ${name} that are joined both ways`, () => {
    const pair = socketpair(AF_UNIX, type, 0);
    for (const [from, to] of [pair, pair.toReversed()] as [number, number][]) {
      assert.equal(getsockopt(from, SOL_SOCKET, SO_TYPE), made);
      assert.equal(getsockopt(from, SOL_SOCKET, SO_DOMAIN), AF_UNIX);
      assert.equal(write(from, new Uint8Array([from, 2, 3])), 3);
      const bytes = new Uint8Array(8);
      assert.equal(read(to, bytes), 3);
      assert.deepEqual([...bytes], [from, 2, 3, 0, 0, 0, 0, 0]);
    }
    pair.forEach(close);
  });
}

test("socketpair() takes AF_LOCAL, and PF_UNIX as the protocol", () => {
  for (const pair of [socketpair(AF_LOCAL, SOCK_STREAM, 0), socketpair(AF_UNIX, SOCK_STREAM, AF_UNIX)]) {
    assert.equal(getsockopt(pair[1], SOL_SOCKET, SO_DOMAIN), AF_UNIX);
    pair.forEach(close);
  }
});

for (const [name, flag] of [["without", 0], ["with", SOCK_CLOEXEC]] as const) {
  test(`socketpair() makes both descriptors close-on-exec ${name} SOCK_CLOEXEC, and blocking`, () => {
    const pair = socketpair(AF_UNIX, SOCK_SEQPACKET | flag, 0);
    for (const fd of pair) assert.equal(flagsOf(fd) & (SOCK_CLOEXEC | SOCK_NONBLOCK), SOCK_CLOEXEC);
    pair.forEach(close);
  });
}

test("socketpair() makes both descriptors non-blocking with SOCK_NONBLOCK", () => {
  const pair = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
  for (const fd of pair) {
    assert.equal(flagsOf(fd) & (SOCK_CLOEXEC | SOCK_NONBLOCK), SOCK_CLOEXEC | SOCK_NONBLOCK);
    assert.equal(codeOf(() => read(fd, new Uint8Array(1))), "EAGAIN");
  }
  pair.forEach(close);
});

test("socketpair() fills the first two elements of a vector and returns 0", () => {
  for (const buffer of [new ArrayBuffer(16), new SharedArrayBuffer(16)]) {
    const vector = new Int32Array(buffer).fill(-7);
    assert.equal(socketpair(AF_UNIX, SOCK_STREAM, 0, vector), 0);
    assert.deepEqual([...vector.subarray(2)], [-7, -7]);
    assert.equal(write(vector[0]!, new Uint8Array(5)), 5);
    assert.equal(read(vector[1]!, new Uint8Array(5)), 5);
    vector.subarray(0, 2).forEach(close);
  }
});

test("socketpair() fills memory at an address", () => {
  const { values, valuesAddress } = arena();
  assert.equal(socketpair(AF_UNIX, SOCK_STREAM, 0, valuesAddress + 16), 0);
  const pair = [...values.subarray(4, 6)];
  for (const fd of pair) assert.equal(flagsOf(fd) & SOCK_CLOEXEC, SOCK_CLOEXEC);
  assert.equal(write(pair[0]!, new Uint8Array(5)), 5);
  assert.equal(read(pair[1]!, new Uint8Array(5)), 5);
  pair.forEach(close);
});

const noIpv6 = existsSync("/proc/net/if_inet6") ? false : "this kernel has no IPv6";
const FAILURES: [code: string, what: string, domain: number, type: number, protocol: number, skip?: string | false][] =
  [
    ["EAFNOSUPPORT", "of AF_UNSPEC", AF_UNSPEC, SOCK_STREAM, 0],
    ["EAFNOSUPPORT", "of an unknown family", 99, SOCK_STREAM, 0],
    ["EAFNOSUPPORT", "of a negative family", -1, SOCK_STREAM, 0],
    ["EOPNOTSUPP", "of AF_INET with SOCK_STREAM", AF_INET, SOCK_STREAM, 0],
    ["EOPNOTSUPP", "of AF_INET with SOCK_DGRAM", AF_INET, SOCK_DGRAM, 0],
    ["EOPNOTSUPP", "of AF_INET6", AF_INET6, SOCK_STREAM, 0, noIpv6],
    ["EPROTONOSUPPORT", "of AF_UNIX with protocol 5", AF_UNIX, SOCK_STREAM, 5],
    ["EPROTONOSUPPORT", "of AF_UNIX with a negative protocol", AF_UNIX, SOCK_STREAM, -1],
    ["EPROTONOSUPPORT", "of AF_INET with another type's protocol", AF_INET, SOCK_DGRAM, 6],
    ["ESOCKTNOSUPPORT", "of type 0", AF_UNIX, 0, 0],
    ["ESOCKTNOSUPPORT", "of a type that AF_UNIX does not have", AF_UNIX, 4, 0],
    ["EINVAL", "of a type that no family has", AF_UNIX, 15, 0],
    ["EINVAL", "of a negative type", AF_UNIX, -1, 0],
    ["EINVAL", "of an unknown flag in the type", AF_UNIX, SOCK_STREAM | 0o4000000, 0],
  ];

for (const [code, what, domain, type, protocol, skip = false] of FAILURES) {
  test(`socketpair() fails with ${code} ${what}, opens nothing and leaves the vector`, () => {
    const before = sockets();
    const vector = new Int32Array([-7, -8]);
    assert.equal(codeOf(() => socketpair(domain, type, protocol)), code);
    assert.equal(codeOf(() => socketpair(domain, type, protocol, vector)), code);
    assert.deepEqual([...vector], [-7, -8]);
    assert.deepEqual(sockets(), before);
  }, { skip });
}

test("socketpair() fails with EFAULT when the address is not this process's, and opens nothing", () => {
  const before = sockets();
  for (const address of [0, 1, 4096, 2 ** 48, Number.MAX_SAFE_INTEGER]) {
    assert.equal(codeOf(() => socketpair(AF_UNIX, SOCK_STREAM, 0, address)), "EFAULT", `at ${address}`);
  }
  assert.deepEqual(sockets(), before);
});

test("socketpair() leaves memory at an address as it is when it fails", () => {
  const { values, valuesAddress } = arena();
  values.set([-7, -8], 4);
  assert.equal(codeOf(() => socketpair(AF_INET, SOCK_STREAM, 0, valuesAddress + 16)), "EOPNOTSUPP");
  assert.deepEqual([...values.subarray(4, 6)], [-7, -8]);
});

test("socketpair() fills the vector's own memory, whatever the vector says of itself, and refuses one without room", () => {
  const before = sockets();
  class Short extends Int32Array {
    override get length() {
      return 2;
    }
  }
  class Deaf extends Int32Array {
    override set(): never {
      throw new Error("no");
    }
  }
  for (const vector of [new Short(0), new Short(1), new Int32Array(1), new Uint32Array(2), [0, 0]]) {
    assert.throws(() => socketpair(AF_UNIX, SOCK_STREAM, 0, vector as Int32Array), {
      name: "TypeError",
      message: /vector/,
    });
  }
  assert.deepEqual(sockets(), before);
  const deaf = new Deaf(3);
  assert.equal(socketpair(AF_UNIX, SOCK_STREAM, 0, deaf), 0);
  for (const fd of deaf.subarray(0, 2)) close(fd);
});
