import { SocketEnd, socketpair, type SocketPairOptions } from "../../mod.ts";
import { getsockopt, SO_RCVBUF, SO_SNDBUF, SO_TYPE, SOL_SOCKET } from "../../ffi/mod.ts";
import { assert, test } from "../_support.ts";

test("socketpair() without options makes a stream pair", () => {
  using pair = socketpair();
  assert.deepEqual(pair.map((end) => [end.type, end instanceof SocketEnd]), [["stream", true], ["stream", true]]);
  assert.equal(getsockopt(pair[0].fd, SOL_SOCKET, SO_TYPE), 1);
});

test("socketpair() gives a tuple of two ends with descriptors of their own", () => {
  using pair = socketpair({ type: "seqpacket" });
  const [left, right, ...rest] = pair;
  assert.deepEqual([rest, pair.length, Array.isArray(pair)], [[], 2, true]);
  assert.notEqual(left.fd, right.fd);
});

test("socketpair() refuses an unknown type and names those it knows", () => {
  for (const type of ["raw", "STREAM", "", "constructor"]) {
    assert.throws(() => socketpair({ type } as unknown as SocketPairOptions), {
      name: "TypeError",
      message: `Cannot use "${type}" as type: it is one of stream, dgram, seqpacket`,
    });
  }
  for (const type of [1, null]) assert.throws(() => socketpair({ type } as unknown as SocketPairOptions), TypeError);
});

test("socketpair() takes the protocols that the kernel takes", () => {
  for (const protocol of [0, 1]) {
    using pair = socketpair({ protocol });
    assert.ok(pair[0].fd > 2);
  }
});

test("socketpair() with a protocol that the kernel refuses fails with its error and opens nothing", () => {
  assert.throws(() => socketpair({ protocol: 5 }), { code: "EPROTONOSUPPORT", syscall: "socketpair" });
  for (const protocol of [0.5, NaN]) assert.throws(() => socketpair({ protocol }), RangeError);
  assert.throws(() => socketpair({ protocol: "1" } as unknown as SocketPairOptions), TypeError);
});

test("socketpair() sets the buffer sizes of both ends, which the kernel doubles", () => {
  using pair = socketpair({ sendBufferSize: 20_000, receiveBufferSize: 30_000 });
  for (const { fd } of pair) {
    assert.equal(getsockopt(fd, SOL_SOCKET, SO_SNDBUF), 40_000);
    assert.equal(getsockopt(fd, SOL_SOCKET, SO_RCVBUF), 60_000);
  }
});

test("socketpair() refuses buffer sizes that mean nothing, and opens nothing", () => {
  for (const name of ["sendBufferSize", "receiveBufferSize"]) {
    for (const size of [0, -1, 1.5, NaN, Infinity, 2 ** 31]) {
      assert.throws(() => socketpair({ [name]: size }), {
        name: "RangeError",
        message: new RegExp(`^Cannot use ${name} ${size}: it is an integer from 1 to`),
      });
    }
    assert.throws(() => socketpair({ [name]: "4096" } as SocketPairOptions), {
      name: "TypeError",
      message: new RegExp(`^Cannot use a value of type string as ${name}: it is an integer from 1 to`),
    });
  }
});
