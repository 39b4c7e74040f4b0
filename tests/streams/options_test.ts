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

const TAKE_OPTIONS: [string, string, (options: object) => unknown][] = [
  ["socketpair()", "Cannot make a pair", (options) => socketpair(options)],
  ["SocketEnd.from()", "Cannot adopt", (options) => SocketEnd.from(1_000_000, options)],
  ["SocketEnd.inherited()", "Cannot inherit an end", (options) => SocketEnd.inherited("none", options)],
];

const TAKE_CALL_OPTIONS: [string, string, (end: SocketEnd, options: object) => Promise<unknown>][] = [
  ["read()", "Cannot read", (end, options) => end.read(new Uint8Array(1), options)],
  ["write()", "Cannot write", (end, options) => end.write(new Uint8Array(1), options)],
];

/** Options that there are not, in every form, and what is said of each. */
const UNKNOWN: [string, object, RegExp][] = [
  ["an unknown option", { framming: "uint32le" }, /: there is no option "framming", only .*signal/],
  ["an unknown option that is undefined", { framming: undefined }, /: there is no option "framming", only /],
  ["an unknown option that is inherited", Object.create({ framming: 1 }), /: there is no option "framming", only /],
  ["an unknown option that is a getter", {
    get time() {
      throw new Error();
    },
  }, /: there is no option "time", only /],
  ["the name of an object's method", { toString: 1 }, /: there is no option "toString", only /],
  ["an AbortSignal", new AbortController().signal, /: its options are an AbortSignal, .* as \{ signal \}$/],
  ["null", null as unknown as object, /: its options must be an object, not null$/],
  ["a string", "seqpacket" as unknown as object, /: its options must be an object, not a value of type string$/],
  ["an array", [], /: its options must be an object, not an object of type Array$/],
];

for (const [what, options, message] of UNKNOWN) {
  for (const [name, act, call] of TAKE_OPTIONS) {
    test(`${name} refuses ${what}`, () => {
      assert.throws(() => call(options), (error: Error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, new RegExp(`^${act}${message.source}`));
        return true;
      });
    });
  }

  for (const [name, act, call] of TAKE_CALL_OPTIONS) {
    test(`${name} refuses ${what}, and the end goes on`, async () => {
      await using pair = socketpair({ type: "seqpacket" });
      await assert.rejects(call(pair[0], options), (error: Error) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, new RegExp(`^${act}${message.source}`));
        return true;
      });
      await pair[1].write(new Uint8Array(1));
      assert.equal(await pair[0].read(new Uint8Array(1)), 1);
    });
  }
}

test("read() and write() refuse a signal that is none", async () => {
  await using pair = socketpair();
  const refusal = { name: "TypeError", message: "Cannot use a value of type number as signal: it is an AbortSignal" };
  for (const [, , call] of TAKE_CALL_OPTIONS) await assert.rejects(call(pair[0], { signal: 5 }), refusal);
});

test("options may be inherited, of no prototype, or getters, of which each is read once", () => {
  const inherited = Object.create({ type: "seqpacket" });
  const bare = Object.assign(Object.create(null), { type: "seqpacket" });
  let count = 0;
  const getter = {
    get type() {
      return count++ === 0 ? "seqpacket" : "dgram";
    },
  };
  for (const options of [inherited, bare, getter]) {
    using pair = socketpair(options);
    assert.equal(pair[0].type, "seqpacket");
  }
  assert.equal(count, 1);
});

test("what a program has put on Object.prototype is no option", () => {
  const polluted = Object.prototype as unknown as Record<string, unknown>;
  polluted["framming"] = 1;
  try {
    socketpair({ type: "seqpacket" })[Symbol.dispose]();
  } finally {
    delete polluted["framming"];
  }
});

test("options that are changed later change nothing", async () => {
  const options: { allowHalfOpen: boolean; signal?: AbortSignal } = { allowHalfOpen: true };
  await using pair = socketpair(options);
  options.allowHalfOpen = false;
  options.signal = AbortSignal.abort();
  await pair[0].closeWrite();
  assert.equal(await pair[1].read(new Uint8Array(1)), null);
  assert.equal(await pair[1].write(new Uint8Array(3)), 3);
});

for (const name of ["allowHalfOpen", "shared"]) {
  test(`socketpair() refuses ${name} that is neither true nor false`, () => {
    for (const value of [0, 1, "no", null]) {
      assert.throws(() => socketpair({ [name]: value } as SocketPairOptions), {
        name: "TypeError",
        message: new RegExp(`^Cannot use .+ as ${name}: it is true or false$`),
      });
    }
  });
}
