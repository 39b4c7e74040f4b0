import process from "node:process";
import { close, MSG_CTRUNC, recvmsg, SCM_CREDENTIALS, sendmsg, setsockopt, SOL_SOCKET, write } from "../../ffi/mod.ts";
import { controlMessage, pass, received } from "../stress/faults/_control.ts";
import { codeOf, records } from "../stress/faults/_raw.ts";
import { assert, test } from "../_support.ts";

/** Options that the module does not export, by their numbers on Linux. */
const SO_PASSCRED = 16;
const SO_TIMESTAMP = 29;

const one = { iov: [new Uint8Array(1)] };

test("recvmsg() after a message with control messages brings none", () => {
  using pair = records();
  pass(pair, [pair[0]]);
  sendmsg(pair[0], one);
  const control = new Uint8Array(64);
  const [, fd] = received(control, recvmsg(pair[1], { ...one, control }).controlLength) as [number, number];
  close(fd);
  control.fill(9);
  assert.deepEqual(recvmsg(pair[1], { ...one, control }), { bytes: 1, flags: 0, controlLength: 0 });
  assert.ok(control.every((byte) => byte === 9), "the control buffer is touched");
});

test("sendmsg() of a control message that is malformed fails with EINVAL", () => {
  using pair = records();
  for (const control of [new Uint8Array(16), controlMessage(99, [1])]) {
    assert.equal(codeOf(() => sendmsg(pair[0], { ...one, control })), "EINVAL");
  }
});

test("sendmsg() after one with control messages sends none", () => {
  using pair = records();
  assert.equal(codeOf(() => sendmsg(pair[0], { ...one, control: new Uint8Array(16) })), "EINVAL");
  assert.equal(sendmsg(pair[0], one), 1);
  const result = recvmsg(pair[1], { ...one, control: new Uint8Array(64) });
  assert.deepEqual(result, { bytes: 1, flags: 0, controlLength: 0 });
});

test("recvmsg() brings credentials with SO_PASSCRED", () => {
  using pair = records();
  setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, 1);
  const { getuid, getgid } = process as { getuid(): number; getgid(): number };
  sendmsg(pair[0], one);
  const control = new Uint8Array(64);
  const result = recvmsg(pair[1], { ...one, control });
  assert.deepEqual(received(control, result.controlLength), [SCM_CREDENTIALS, process.pid, getuid(), getgid()]);
});

test("recvmsg() tells an empty record from the end with SO_TIMESTAMP", () => {
  const pair = records();
  setsockopt(pair[1], SOL_SOCKET, SO_TIMESTAMP, 1);
  write(pair[0], new Uint8Array(0));
  write(pair[0], new Uint8Array(0));
  close(pair[0]);
  const roomy = recvmsg(pair[1], { ...one, control: new Uint8Array(64) });
  assert.deepEqual([roomy.bytes, roomy.controlLength > 0], [0, true]);
  assert.deepEqual(recvmsg(pair[1], one), { bytes: 0, flags: MSG_CTRUNC, controlLength: 0 });
  assert.deepEqual(recvmsg(pair[1], one), { bytes: 0, flags: 0, controlLength: 0 });
  close(pair[1]);
});
