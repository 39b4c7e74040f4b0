import { closeSync, openSync } from "node:fs";
import {
  AF_UNIX,
  close,
  read,
  sendmsg,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  shutdown,
  SOCK_DGRAM,
  SOCK_STREAM,
  socketpair,
  write,
} from "../../ffi/mod.ts";
import { codeOf, records, sockets, streams } from "../stress/faults/_raw.ts";
import { assert, test } from "../_support.ts";

test("write() after the peer has closed fails with EPIPE, and no signal ends the process", () => {
  for (const [left, right] of [[...streams()], [...records()]] as [number, number][]) {
    close(right);
    assert.equal(codeOf(() => write(left, new Uint8Array(1))), "EPIPE");
    assert.equal(codeOf(() => sendmsg(left, { iov: [new Uint8Array(1)] })), "EPIPE");
    close(left);
  }
});

test("write() after the peer has closed fails with ECONNREFUSED on SOCK_DGRAM", () => {
  const [left, right] = socketpair(AF_UNIX, SOCK_DGRAM, 0);
  close(right);
  assert.equal(codeOf(() => write(left, new Uint8Array(1))), "ECONNREFUSED");
  close(left);
});

test("read() after the peer has closed without reading fails with ECONNRESET", () => {
  const [left, right] = [...streams()] as [number, number];
  write(left, new Uint8Array(1));
  close(right);
  assert.equal(codeOf(() => read(left, new Uint8Array(1))), "ECONNRESET");
  assert.equal(read(left, new Uint8Array(1)), 0);
  close(left);
});

test("shutdown() of the sending direction ends the peer's stream and leaves the other direction", () => {
  for (const pair of [streams(), records()]) {
    write(pair[0], new Uint8Array([1]));
    shutdown(pair[0], SHUT_WR);
    assert.equal(read(pair[1], new Uint8Array(1)), 1);
    assert.equal(read(pair[1], new Uint8Array(1)), 0);
    assert.equal(codeOf(() => write(pair[0], new Uint8Array(1))), "EPIPE");
    assert.equal(write(pair[1], new Uint8Array(3)), 3);
    assert.equal(read(pair[0], new Uint8Array(8)), 3);
    pair[Symbol.dispose]();
  }
});

test("shutdown() of the receiving direction, or of both, makes the peer's writes fail with EPIPE", () => {
  for (const how of [SHUT_RD, SHUT_RDWR]) {
    using pair = streams();
    shutdown(pair[0], how);
    shutdown(pair[0], how);
    assert.equal(codeOf(() => write(pair[1], new Uint8Array(1))), "EPIPE");
    assert.equal(read(pair[0], new Uint8Array(1)), 0);
  }
});

test("shutdown() refuses another direction with EINVAL and what is no socket with ENOTSOCK", () => {
  using pair = streams();
  for (const how of [3, -1]) assert.equal(codeOf(() => shutdown(pair[0], how)), "EINVAL");
  const file = openSync("/dev/null", "r+");
  assert.equal(codeOf(() => shutdown(file, SHUT_WR)), "ENOTSOCK");
  closeSync(file);
});

test("close() closes exactly its descriptor, once", () => {
  const before = sockets();
  const pair = socketpair(AF_UNIX, SOCK_STREAM, 0);
  assert.equal(sockets().length, before.length + 2);
  close(pair[1]);
  assert.equal(sockets().length, before.length + 1);
  assert.equal(codeOf(() => close(pair[1])), "EBADF");
  close(pair[0]);
  assert.deepEqual(sockets(), before);
});
