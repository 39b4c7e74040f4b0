/** The raw calls on sockets that have a name, and their errors. */

import { rmSync } from "node:fs";
import process from "node:process";
import {
  accept4,
  AF_INET,
  AF_UNIX,
  bind,
  close,
  connect,
  getpeername,
  getsockname,
  listen,
  read,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  socket,
  SocketError,
  write,
} from "../../ffi/mod.ts";
import { assert, test } from "../_support.ts";
import { failure, flagsOf } from "../stress/faults/_raw.ts";

const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
let count = 0;

/** An abstract name, or a path in the working directory, that nothing has. */
const fresh = (kind: "name" | "path"): string =>
  `${kind === "name" ? "\0" : ""}socketpair-${process.pid}-${count += 1}`;

/** Runs a body with descriptors that are closed afterwards. */
function withSockets(types: readonly number[], body: (...fds: number[]) => void): void {
  const fds = types.map((type) => socket(AF_UNIX, type, 0));
  try {
    body(...fds);
  } finally {
    for (const fd of fds) close(fd);
  }
}

for (const type of [SOCK_STREAM, SOCK_SEQPACKET]) {
  for (const kind of ["name", "path"] as const) {
    test(`socket(), bind(), listen(), connect() and accept4() make a connection of type ${type} by a ${kind}`, () => {
      const [path, own] = [fresh(kind), fresh(kind)];
      withSockets([type, type], (server, client) => {
        bind(server, path);
        listen(server, 1);
        bind(client, own);
        connect(client, path);
        const accepted = accept4(server);
        assert.deepEqual([getsockname(server), getpeername(client), getsockname(accepted)], [path, path, path]);
        assert.deepEqual([getsockname(client), getpeername(accepted)], [own, own]);
        write(client, new Uint8Array(3));
        assert.equal(read(accepted, new Uint8Array(10)), 3);
        close(accepted);
      });
      if (kind === "path") { for (const it of [path, own]) rmSync(it); }
    });
  }
}

test("what socket() and accept4() open is close-on-exec, and O_NONBLOCK where that is asked for", () => {
  const path = fresh("name");
  withSockets([SOCK_STREAM, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, SOCK_STREAM], (server, client, other) => {
    bind(server, path);
    listen(server, 5);
    connect(client, path);
    connect(other, path);
    const accepted = [accept4(server), accept4(server, SOCK_NONBLOCK)];
    const flags = [server, client, ...accepted].map((fd) => flagsOf(fd) & (O_NONBLOCK | O_CLOEXEC));
    assert.deepEqual(flags, [O_CLOEXEC, O_CLOEXEC | O_NONBLOCK, O_CLOEXEC, O_CLOEXEC | O_NONBLOCK]);
    for (const fd of accepted) close(fd);
  });
});

test("a socket without a name has null, and one of another family is refused", () => {
  withSockets([SOCK_DGRAM], (fd) => assert.equal(getsockname(fd), null));
  const other = socket(AF_INET, SOCK_STREAM, 0);
  assert.throws(() => getsockname(other), /address family is 2, not AF_UNIX/);
  close(other);
});

test("the calls fail as POSIX has it", () => {
  const path = fresh("name");
  withSockets([SOCK_STREAM | SOCK_NONBLOCK, SOCK_STREAM | SOCK_NONBLOCK, SOCK_DGRAM], (server, client, dgram) => {
    const codes = (...calls: (() => unknown)[]) => calls.map((call) => failure(call).code);
    assert.deepEqual(codes(() => accept4(server), () => listen(server, 1)), ["EINVAL", "EINVAL"]);
    bind(server, path);
    assert.deepEqual(codes(() => bind(client, path), () => bind(server, fresh("name"))), ["EADDRINUSE", "EINVAL"]);
    assert.deepEqual(codes(() => connect(client, path)), ["ECONNREFUSED"]);
    listen(server, 1);
    // Of names that are no files, each type of socket has its own.
    assert.deepEqual(codes(() => accept4(server), () => connect(dgram, path)), ["EAGAIN", "ECONNREFUSED"]);
    connect(client, path);
    assert.deepEqual(codes(() => connect(client, path)), ["EISCONN"]);
    withSockets([SOCK_STREAM | SOCK_NONBLOCK, SOCK_STREAM | SOCK_NONBLOCK], (last, late) => {
      connect(last, path);
      assert.deepEqual(codes(() => connect(late, path), () => getpeername(late)), ["EAGAIN", "ENOTCONN"]);
    });
    assert.deepEqual(codes(() => listen(dgram, 1), () => accept4(dgram)), ["EOPNOTSUPP", "EOPNOTSUPP"]);
    assert.deepEqual(codes(() => bind(dgram, "/no such folder/x"), () => connect(dgram, "/nothing")), [
      "ENOENT",
      "ENOENT",
    ]);
    assert.deepEqual(codes(() => bind(dgram, "/dev/null/x"), () => bind(dgram, "/dev/null")), [
      "ENOTDIR",
      "EADDRINUSE",
    ]);
  });
  const codes = [
    () => bind(-1, path),
    () => listen(-1, 1),
    () => accept4(-1),
    () => connect(-1, path),
    () => getsockname(-1),
    () => getpeername(-1),
  ].map((call) => failure(call).code);
  assert.deepEqual(codes, Array(6).fill("EBADF"));
  assert.ok(failure(() => socket(255, SOCK_STREAM, 0)) instanceof SocketError);
});

test("the calls refuse what is no path, and numbers that are no ints", () => {
  withSockets([SOCK_STREAM], (fd) => {
    assert.throws(() => bind(fd, ""), TypeError);
    assert.throws(() => connect(fd, "x".repeat(108)), RangeError);
    assert.throws(() => connect(fd, 5 as unknown as string), TypeError);
    assert.throws(() => listen(fd, 1.5), RangeError);
  });
  assert.throws(() => socket(AF_UNIX, 2 ** 40, 0), RangeError);
});
