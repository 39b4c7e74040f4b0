import { closeSync, openSync } from "node:fs";
import {
  close,
  getsockopt,
  MSG_CMSG_CLOEXEC,
  MSG_CTRUNC,
  MSG_DONTWAIT,
  MSG_PEEK,
  read,
  recvmsg,
  SCM_RIGHTS,
  SO_TYPE,
  SOCK_CLOEXEC,
  SOL_SOCKET,
  write,
} from "../../ffi/mod.ts";
import { pass, received } from "../stress/faults/_control.ts";
import { codeOf, flagsOf, records, sockets, streams } from "../stress/faults/_raw.ts";
import { assert, test } from "../_support.ts";

const one = { iov: [new Uint8Array(1)] };

for (const [name, make] of [["a stream", streams], ["records", records]] as const) {
  test(`sendmsg() and recvmsg() pass descriptors over ${name}, of which the receiver's work`, () => {
    using pair = make();
    using passed = records();
    assert.equal(pass(pair, passed), 1);
    const control = new Uint8Array(64);
    const result = recvmsg(pair[1], { ...one, control }, MSG_CMSG_CLOEXEC);
    assert.deepEqual([result.bytes, result.controlLength, result.flags & MSG_CTRUNC], [1, 24, 0]);
    const [type, left, right] = received(control, result.controlLength) as [number, number, number];
    assert.equal(type, SCM_RIGHTS);
    write(left, new Uint8Array(5));
    assert.equal(read(passed[1], new Uint8Array(8)), 5);
    [left, right].forEach(close);
  });
}

test("recvmsg() makes received descriptors close-on-exec with MSG_CMSG_CLOEXEC only", () => {
  using pair = records();
  for (const [flags, expected] of [[MSG_CMSG_CLOEXEC, SOCK_CLOEXEC], [0, 0]] as const) {
    pass(pair, [pair[0]]);
    const control = new Uint8Array(64);
    const result = recvmsg(pair[1], { ...one, control }, flags);
    const [, fd] = received(control, result.controlLength) as [number, number];
    assert.equal(flagsOf(fd) & SOCK_CLOEXEC, expected);
    close(fd);
  }
});

test("sendmsg() and recvmsg() pass 253 descriptors, and one more fails with EINVAL", () => {
  using pair = records();
  pass(pair, new Array<number>(253).fill(pair[0]));
  const control = new Uint8Array(2048);
  const { controlLength, flags } = recvmsg(pair[1], { ...one, control });
  assert.equal(flags & MSG_CTRUNC, 0);
  const [, ...descriptors] = received(control, controlLength);
  assert.equal(new Set(descriptors).size, 253);
  descriptors.forEach(close);
  assert.equal(codeOf(() => pass(pair, new Array<number>(254).fill(pair[0]))), "EINVAL");
});

test("recvmsg() says MSG_CTRUNC when descriptors do not fit, and those are not open", () => {
  using pair = records();
  const before = sockets();
  pass(pair, [pair[0], pair[0], pair[0]]);
  const control = new Uint8Array(16 + 8);
  const result = recvmsg(pair[1], { ...one, control });
  assert.equal(result.flags & MSG_CTRUNC, MSG_CTRUNC);
  const [, ...descriptors] = received(control, result.controlLength);
  assert.equal(descriptors.length, 2);
  descriptors.forEach(close);
  assert.deepEqual(sockets(), before);
});

test("recvmsg() without room for control messages says MSG_CTRUNC and opens nothing", () => {
  using pair = records();
  const before = sockets();
  pass(pair, [pair[0]]);
  assert.deepEqual(recvmsg(pair[1], one), { bytes: 1, flags: MSG_CTRUNC, controlLength: 0 });
  assert.deepEqual(sockets(), before);
});

test("recvmsg() with MSG_PEEK opens the descriptors each time", () => {
  using pair = records();
  pass(pair, [pair[0]]);
  for (const flags of [MSG_PEEK, 0]) {
    const control = new Uint8Array(32);
    const [, fd] = received(control, recvmsg(pair[1], { ...one, control }, flags).controlLength) as [number, number];
    assert.ok(getsockopt(fd, SOL_SOCKET, SO_TYPE) > 0);
    close(fd);
  }
});

test("sendmsg() of descriptors that are not open fails with EBADF, and sends nothing", () => {
  using pair = records();
  assert.equal(codeOf(() => pass(pair, [pair[0], 1_000_000])), "EBADF");
  assert.equal(codeOf(() => recvmsg(pair[1], one, MSG_DONTWAIT)), "EAGAIN");
});

test("sendmsg() and recvmsg() pass descriptors that are no sockets, also when the sender has closed them", () => {
  using pair = records();
  const file = openSync("/dev/null", "r+");
  pass(pair, [file]);
  closeSync(file);
  const control = new Uint8Array(32);
  const [, fd] = received(control, recvmsg(pair[1], { ...one, control }).controlLength) as [number, number];
  assert.equal(read(fd, new Uint8Array(1)), 0);
  close(fd);
});
