import { SocketError as Exported, socketpair as streams } from "../../mod.ts";
import {
  AF_INET,
  close,
  getsockopt,
  read,
  recvmsg,
  sendmsg,
  setsockopt,
  shutdown,
  SOCK_STREAM,
  SocketError,
  socketpair,
  SOL_SOCKET,
  write,
} from "../../ffi/mod.ts";
import { SocketError as Internal } from "../../ffi/errors.ts";
import { failure } from "../stress/faults/_raw.ts";
import { assert, test } from "../_support.ts";

test("SocketError tells the code, the number, the call and what they mean", () => {
  const error = failure(() => socketpair(AF_INET, SOCK_STREAM, 0));
  assert.equal(error.code, "EOPNOTSUPP");
  assert.equal(error.errno, 95);
  assert.equal(error.syscall, "socketpair");
  assert.equal(error.name, "SocketError");
  assert.equal(
    error.message,
    "Cannot create a socket pair: the operation is not supported by this kind of socket (EOPNOTSUPP)",
  );
});

test("SocketError is an Error with a stack that leads to the caller", () => {
  const error = failure(() => socketpair(AF_INET, SOCK_STREAM, 0));
  assert.ok(error instanceof SocketError);
  assert.ok(error instanceof Error);
  assert.equal(Object.prototype.toString.call(error), "[object Error]");
  assert.match(`${error}`, /^SocketError: Cannot create a socket pair: /);
  assert.match(error.stack ?? "", /posix\/error_test/);
});

test("SocketError is the same class in both entry points and inside", () => {
  assert.equal(SocketError, Exported);
  assert.equal(SocketError, Internal);
});

test("SocketError of a pair of streams is that of the raw layer", () => {
  assert.throws(() => streams({ protocol: 5 }), { name: "SocketError", code: "EPROTONOSUPPORT", errno: 93 });
});

test("SocketError names a code that the module does not know by its number", () => {
  const error = new Internal("Cannot act", 4095, "act");
  assert.equal(error.code, "E4095");
  assert.equal(error.message, "Cannot act: act failed (E4095)");
});

const one = new Uint8Array(1);
const CALLS: [string, (fd: number) => unknown][] = [
  ["read", (fd) => read(fd, one)],
  ["write", (fd) => write(fd, one)],
  ["close", (fd) => close(fd)],
  ["shutdown", (fd) => shutdown(fd, 0)],
  ["getsockopt", (fd) => getsockopt(fd, SOL_SOCKET, 3)],
  ["setsockopt", (fd) => setsockopt(fd, SOL_SOCKET, 7, 4096)],
  ["sendmsg", (fd) => sendmsg(fd, { iov: [one] })],
  ["recvmsg", (fd) => recvmsg(fd, { iov: [one] })],
];

for (const [name, call] of CALLS) {
  for (const fd of [1_000_000, 2 ** 31 - 1, -1, -(2 ** 31)]) {
    test(`${name}() of descriptor ${fd}, which is not open, fails with EBADF`, () => {
      const { code, errno, syscall, message } = failure(() => call(fd));
      assert.deepEqual({ code, errno, syscall }, { code: "EBADF", errno: 9, syscall: name });
      assert.match(message, /^Cannot [a-z ]+: the descriptor is not open \(EBADF\)$/);
    });
  }
}
