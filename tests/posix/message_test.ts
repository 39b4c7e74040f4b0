import {
  MSG_DONTWAIT,
  MSG_EOR,
  MSG_NOSIGNAL,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  recvmsg,
  sendmsg,
  SHUT_WR,
  shutdown,
} from "../../ffi/mod.ts";
import { closeSync, openSync } from "node:fs";
import { codeOf, failure, noise, records, streams } from "../stress/faults/_raw.ts";
import { assert, test } from "../_support.ts";

const bytes = (...values: number[]) => new Uint8Array(values);

test("recvmsg() fails with EAGAIN instead of waiting with MSG_DONTWAIT", () => {
  using pair = records();
  const { code, errno, syscall, message } = failure(() => recvmsg(pair[0], { iov: [bytes(0)] }, MSG_DONTWAIT));
  assert.deepEqual([code, errno, syscall], ["EAGAIN", 11, "recvmsg"]);
  assert.equal(message, "Cannot receive: the call would block (EAGAIN)");
});

test("sendmsg() fails with EAGAIN instead of waiting with MSG_DONTWAIT, and goes on when there is room", () => {
  using pair = records();
  const message = { iov: [noise(10_000)] };
  const full = () => {
    for (;;) sendmsg(pair[0], message, MSG_DONTWAIT);
  };
  assert.equal(codeOf(full), "EAGAIN");
  const room = { iov: [new Uint8Array(10_000)] };
  const drained = () => {
    for (;;) assert.equal(recvmsg(pair[1], room, MSG_DONTWAIT).bytes, 10_000);
  };
  assert.equal(codeOf(drained), "EAGAIN");
  assert.equal(sendmsg(pair[0], message, MSG_DONTWAIT), 10_000);
});

test("sendmsg() to a stream with too little room takes a part", () => {
  using pair = streams();
  const sent = sendmsg(pair[0], { iov: [new Uint8Array(2 ** 22)] }, MSG_DONTWAIT | MSG_NOSIGNAL);
  assert.ok(sent > 0 && sent < 2 ** 22, `${sent}`);
});

test("recvmsg() cuts a record that is too long, and says so with MSG_TRUNC", () => {
  using pair = records();
  sendmsg(pair[0], { iov: [bytes(1, 2, 3, 4)] });
  const room = new Uint8Array(3);
  assert.deepEqual(recvmsg(pair[1], { iov: [room] }), { bytes: 3, flags: MSG_TRUNC, controlLength: 0 });
  assert.deepEqual(room, bytes(1, 2, 3));
  assert.equal(codeOf(() => recvmsg(pair[1], { iov: [room] }, MSG_DONTWAIT)), "EAGAIN");
});

test("recvmsg() with MSG_TRUNC returns a record's true length, and writes no further than there is room", () => {
  using pair = records();
  sendmsg(pair[0], { iov: [bytes(1, 2, 3, 4, 5)] });
  const whole = bytes(9, 9, 9, 9);
  const result = recvmsg(pair[1], { iov: [whole.subarray(1, 3)] }, MSG_TRUNC);
  assert.deepEqual(result, { bytes: 5, flags: MSG_TRUNC, controlLength: 0 });
  assert.deepEqual(whole, bytes(9, 1, 2, 9));
});

test("recvmsg() with MSG_PEEK takes nothing out", () => {
  for (const pair of [records(), streams()]) {
    sendmsg(pair[0], { iov: [bytes(1, 2, 3)] });
    for (const flags of [MSG_PEEK, MSG_PEEK, 0]) {
      const room = new Uint8Array(4);
      assert.equal(recvmsg(pair[1], { iov: [room] }, flags).bytes, 3);
      assert.deepEqual(room, bytes(1, 2, 3, 0));
    }
    assert.equal(codeOf(() => recvmsg(pair[1], { iov: [bytes(0)] }, MSG_DONTWAIT)), "EAGAIN");
    pair[Symbol.dispose]();
  }
});

test("recvmsg() with MSG_PEEK and MSG_TRUNC tells the length of the next record", () => {
  using pair = records();
  sendmsg(pair[0], { iov: [noise(70_000)] });
  assert.equal(recvmsg(pair[1], { iov: [] }, MSG_PEEK | MSG_TRUNC).bytes, 70_000);
  assert.equal(recvmsg(pair[1], { iov: [new Uint8Array(70_001)] }).bytes, 70_000);
});

test("recvmsg() with MSG_WAITALL collects what several sends gave to a stream", () => {
  using pair = streams();
  for (const part of [bytes(1, 2), bytes(3), bytes(4, 5)]) sendmsg(pair[0], { iov: [part] });
  const room = new Uint8Array(4);
  assert.equal(recvmsg(pair[1], { iov: [room] }, MSG_WAITALL).bytes, 4);
  assert.deepEqual(room, bytes(1, 2, 3, 4));
});

test("recvmsg() never reports MSG_EOR in AF_UNIX", () => {
  using pair = records();
  sendmsg(pair[0], { iov: [bytes(1)] }, MSG_EOR);
  assert.deepEqual(recvmsg(pair[1], { iov: [bytes(0)] }), { bytes: 1, flags: 0, controlLength: 0 });
});

test("recvmsg() gives 0 bytes for the end of the stream, again and again", () => {
  for (const pair of [records(), streams()]) {
    shutdown(pair[0], SHUT_WR);
    for (let time = 0; time < 3; time += 1) {
      assert.deepEqual(recvmsg(pair[1], { iov: [bytes(0)] }), { bytes: 0, flags: 0, controlLength: 0 });
    }
    pair[Symbol.dispose]();
  }
});

test("sendmsg() and recvmsg() of what is no socket fail with ENOTSOCK", () => {
  const file = openSync("/dev/null", "r+");
  assert.equal(codeOf(() => sendmsg(file, { iov: [bytes(1)] })), "ENOTSOCK");
  assert.equal(codeOf(() => recvmsg(file, { iov: [bytes(1)] })), "ENOTSOCK");
  closeSync(file);
});

test("sendmsg() and recvmsg() give negative flags to the kernel, which refuses them with EINVAL", () => {
  using pair = records();
  const flags = -(2 ** 31);
  assert.equal(codeOf(() => sendmsg(pair[0], { iov: [bytes(1)] }, flags)), "EINVAL");
  assert.equal(codeOf(() => recvmsg(pair[1], { iov: [bytes(0)] }, flags)), "EINVAL");
});
