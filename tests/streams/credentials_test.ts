/** Who has sent a record, and who made the pair: the kernel says so. */

import process from "node:process";
import { type Credentials, SocketEnd, socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { getsockopt, SOL_SOCKET } from "../../ffi/mod.ts";
import { assert, CONNECTED, stdioOf, test, TYPES } from "../_support.ts";
import { endOf, missing } from "../peers/_child.ts";
import { bytes } from "../peers/_text.ts";

const ONE = new Uint8Array([1]);
const OURS: Credentials = { pid: process.pid, uid: process.getuid!(), gid: process.getgid!() };
const notRoot = OURS.uid !== 0 && "only root may send other credentials";

const SO_PASSCRED = 16;

for (const type of TYPES) {
  test(`readable tells with each record who has sent it: ${type}`, async () => {
    await using pair = socketpair({ type, chunks: "messages", credentials: true });
    const writer = pair[0].writable.getWriter();
    const reader = pair[1].readable.getReader();
    for (let count = 0; count < 3; count += 1) {
      await writer.write({ data: ONE });
      assert.deepEqual((await reader.read()).value, { data: ONE, descriptors: [], credentials: OURS });
    }
  });

  test(`readable tells of another process that it has sent a record: ${type}`, async () => {
    const [ours, theirs] = socketpair({ type, chunks: "messages", credentials: true });
    const script = `import socket; socket.socket(fileno=3).send(b"from Python")`;
    const child = spawn("python3", ["-c", script], { stdio: stdioOf({ 3: theirs }) });
    const ended = endOf(child);
    const { data, credentials } = (await ours.readable.getReader().read()).value!;
    assert.deepEqual(data, bytes("from Python"));
    assert.deepEqual(credentials, { ...OURS, pid: child.pid });
    assert.equal(await ended, 0);
    await ours.close();
  }, { skip: missing("python3") });

  test(`readable gives credentials and 253 descriptors of one message: ${type}`, async () => {
    await using pair = socketpair({ type, chunks: "messages", credentials: true });
    await pair[0].writable.getWriter().write({ data: ONE, descriptors: Array(253).fill(0) });
    const { descriptors, credentials } = (await pair[1].readable.getReader().read()).value!;
    assert.deepEqual([descriptors.length, credentials], [253, OURS]);
    for (const descriptor of descriptors) descriptor.close();
  });

  test(`writable sends credentials and 253 descriptors in one message: ${type}`, async () => {
    await using pair = socketpair({ type, chunks: "messages", credentials: true });
    const sent = { data: ONE, descriptors: Array(253).fill(0), credentials: OURS };
    await pair[0].writable.getWriter().write(sent);
    const { descriptors, credentials } = (await pair[1].readable.getReader().read()).value!;
    assert.deepEqual([descriptors.length, credentials], [253, OURS]);
    for (const descriptor of descriptors) descriptor.close();
  });

  test(`writable sends credentials of its own choice, as far as they are true: ${type}`, async () => {
    await using pair = socketpair({ type, chunks: "messages", credentials: true });
    await pair[0].writable.getWriter().write({ data: ONE, credentials: OURS });
    assert.deepEqual((await pair[1].readable.getReader().read()).value!.credentials, OURS);
  });

  test(`writable of root sends the credentials of another process: ${type}`, async () => {
    await using pair = socketpair({ type, chunks: "messages", credentials: true });
    const other = { pid: 1, uid: 4_000_000_000, gid: 65_534 };
    await pair[0].writable.getWriter().write({ data: ONE, credentials: other });
    assert.deepEqual((await pair[1].readable.getReader().read()).value!.credentials, other);
  }, { skip: notRoot });

  test(`writable fails with credentials that the kernel does not believe: ${type}`, async () => {
    await using pair = socketpair({ type, chunks: "messages", credentials: true });
    const noProcess = { ...OURS, pid: 2 ** 22 + 1 };
    const writing = pair[0].writable.getWriter().write({ data: ONE, credentials: noProcess });
    await assert.rejects(writing, { name: "SocketError", syscall: "sendmsg" });
  });

  test(`detach() hands an end on that tells no credentials any more: ${type}`, async () => {
    await using pair = socketpair({ type, chunks: "messages", credentials: true });
    assert.equal(getsockopt(pair[1].fd, SOL_SOCKET, SO_PASSCRED), 1);
    const { fd } = pair[1].detach();
    assert.equal(getsockopt(fd, SOL_SOCKET, SO_PASSCRED), 0);
    using again = SocketEnd.from(fd);
    await pair[0].writable.getWriter().write({ data: ONE });
    assert.deepEqual((await again.readable.getReader().read()).value, ONE);
  });

  test(`peerCredentials() tells who made the pair: ${type}`, async () => {
    await using pair = socketpair({ type });
    assert.deepEqual(pair.map((end) => end.peerCredentials()), [OURS, OURS]);
  });
}

for (const type of CONNECTED) {
  test(`readable with credentials gives the end of the stream as the end: ${type}`, async () => {
    await using pair = socketpair({ type, chunks: "messages", credentials: true });
    const writer = pair[0].writable.getWriter();
    await writer.write({ data: ONE });
    await writer.close();
    const reader = pair[1].readable.getReader();
    assert.deepEqual((await reader.read()).value!.credentials, OURS);
    assert.equal((await reader.read()).done, true);
  });
}

test("readable with credentials gives an empty record as a record", async () => {
  await using pair = socketpair({ type: "seqpacket", chunks: "messages", credentials: true });
  const writer = pair[0].writable.getWriter();
  await writer.write({ data: new Uint8Array(0) });
  await writer.close();
  const reader = pair[1].readable.getReader();
  assert.deepEqual((await reader.read()).value, { data: new Uint8Array(0), descriptors: [], credentials: OURS });
  assert.equal((await reader.read()).done, true);
});

test("peerCredentials() of an end that another process has made is that process", async () => {
  const [ours, theirs] = socketpair({ type: "seqpacket", chunks: "messages" });
  const script = `
import socket
ours, theirs = socket.socketpair()
socket.send_fds(socket.socket(fileno=3), [b"x"], [theirs.fileno()])
theirs.close()
ours.recv(1)
`;
  const child = spawn("python3", ["-c", script], { stdio: stdioOf({ 3: theirs }) });
  const ended = endOf(child);
  const { descriptors } = (await ours.readable.getReader().read()).value!;
  const end = SocketEnd.from(descriptors[0]!);
  assert.deepEqual(end.peerCredentials(), { ...OURS, pid: child.pid });
  await Promise.all([end.close(), ours.close()]);
  assert.equal(await ended, 0);
}, { skip: missing("python3") });

test("peerCredentials() of a closed end is EBADF", async () => {
  await using pair = socketpair();
  await pair[0].close();
  assert.throws(() => pair[0].peerCredentials(), { name: "SocketError", code: "EBADF", syscall: "getsockopt" });
});
