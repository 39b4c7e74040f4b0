import { closeSync, openSync, writeSync } from "node:fs";
import {
  AF_UNIX,
  close,
  getsockopt,
  MSG_DONTWAIT,
  read,
  recvmsg,
  SO_SNDBUF,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  socketpair,
  SOL_SOCKET,
  write,
} from "../../ffi/mod.ts";
import { codeOf, failure, noise, records, streams } from "../stress/faults/_raw.ts";
import { assert, test } from "../_support.ts";

test("write() and read() carry random bytes of every size unchanged", () => {
  using pair = streams();
  for (const size of [1, 2, 63, 64, 65, 4095, 4096, 4097, 8192, 65536, 100_003]) {
    const sent = noise(size, size);
    const received = new Uint8Array(size);
    assert.equal(write(pair[0], sent), size);
    let filled = 0;
    while (filled < size) filled += read(pair[1], received.subarray(filled));
    assert.deepEqual(received, sent);
  }
});

test("write() of a record arrives as one record with the largest size that the send buffer allows", () => {
  using pair = records();
  const sent = noise(getsockopt(pair[0], SOL_SOCKET, SO_SNDBUF) - 32);
  assert.equal(write(pair[0], sent), sent.length);
  const received = new Uint8Array(sent.length + 1);
  assert.equal(read(pair[1], received), sent.length);
  assert.deepEqual(received.subarray(0, -1), sent);
  assert.equal(codeOf(() => write(pair[0], new Uint8Array(sent.length + 1))), "EMSGSIZE");
});

test("write() of more than 8 MiB to a record socket fails with EMSGSIZE, never cuts", () => {
  using pair = records();
  for (const buffer of [new ArrayBuffer(9 * 2 ** 20), new SharedArrayBuffer(9 * 2 ** 20)]) {
    assert.equal(codeOf(() => write(pair[0], new Uint8Array(buffer))), "EMSGSIZE");
  }
  assert.equal(codeOf(() => recvmsg(pair[1], { iov: [] }, MSG_DONTWAIT)), "EAGAIN");
});

test("write() of nothing to a stream does nothing", () => {
  using pair = streams();
  assert.equal(write(pair[0], new Uint8Array(0)), 0);
  assert.equal(codeOf(() => recvmsg(pair[1], { iov: [new Uint8Array(1)] }, MSG_DONTWAIT)), "EAGAIN");
});

test("write() of nothing to a record socket sends an empty record", () => {
  using pair = records();
  assert.equal(write(pair[0], new Uint8Array(0)), 0);
  assert.equal(read(pair[1], new Uint8Array(8)), 0);
  assert.equal(codeOf(() => recvmsg(pair[1], { iov: [] }, MSG_DONTWAIT)), "EAGAIN");
});

test("read() into nothing returns 0 and takes nothing out", () => {
  using pair = records();
  write(pair[0], new Uint8Array([1, 2]));
  assert.equal(read(pair[1], new Uint8Array(0)), 0);
  assert.equal(read(pair[1], new Uint8Array(8)), 2);
});

test("read() cuts a record that is longer than its buffer, and the next one is whole", () => {
  using pair = records();
  write(pair[0], new Uint8Array([1, 2, 3, 4]));
  write(pair[0], new Uint8Array([5, 6]));
  const bytes = new Uint8Array(3);
  assert.equal(read(pair[1], bytes), 3);
  assert.deepEqual([...bytes], [1, 2, 3]);
  assert.equal(read(pair[1], bytes), 2);
  assert.deepEqual([...bytes], [5, 6, 3]);
});

test("read() and write() fail with EAGAIN instead of waiting on a non-blocking descriptor", () => {
  const pair = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const { code, errno, message } = failure(() => read(pair[0], new Uint8Array(1)));
  assert.deepEqual([code, errno, message], ["EAGAIN", 11, "Cannot read: the call would block (EAGAIN)"]);
  const chunk = new Uint8Array(65536);
  let total = 0;
  const full = codeOf(() => {
    for (;;) total += write(pair[0], chunk);
  });
  assert.equal(full, "EAGAIN");
  assert.ok(total >= chunk.length, `${total}`);
  pair.forEach(close);
});

test("write() to a stream with too little room takes a part", () => {
  const pair = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const written = write(pair[0], new Uint8Array(2 ** 22));
  assert.ok(written > 0 && written < 2 ** 22, `${written}`);
  pair.forEach(close);
});

test("read() and write() take descriptors that are no sockets", () => {
  const zeros = openSync("/dev/zero", "r+");
  const bytes = new Uint8Array(5).fill(7);
  assert.equal(writeSync(zeros, bytes), write(zeros, bytes));
  assert.equal(read(zeros, bytes), 5);
  assert.deepEqual([...bytes], [0, 0, 0, 0, 0]);
  closeSync(zeros);
  assert.equal(codeOf(() => read(zeros, bytes)), "EBADF");
});
