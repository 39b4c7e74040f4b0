/** Listening sockets that come from elsewhere: by number, with a message, from systemd. */

import { existsSync } from "node:fs";
import process from "node:process";
import { setBlocking } from "../../ffi/descriptor.ts";
import {
  AF_UNIX,
  bind,
  close,
  listen as listenOn,
  SOCK_DGRAM,
  SOCK_SEQPACKET,
  socket,
  socketpair as rawPair,
} from "../../ffi/mod.ts";
import { OwnedDescriptor } from "../../ffi/owned_descriptor.ts";
import { SocketEnd, socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { receivedDescriptor } from "../../streams/received_descriptor.ts";
import { connect, listen, Listener } from "../../unix/mod.ts";
import { assert, commandFor, delay, test } from "../_support.ts";
import { endOf, listens, missing, PASSED_ON } from "../peers/_child.ts";
import { freshPath, read, thrownBy, write } from "./_support.ts";

/** A listening socket that no object owns. */
function listening(path: string, type = SOCK_SEQPACKET): number {
  const fd = socket(AF_UNIX, type, 0);
  bind(fd, path);
  listenOn(fd, 5);
  return fd;
}

test("Listener.from() takes a descriptor's number, and leaves its file to who made it", async () => {
  const path = freshPath();
  const server = Listener.from(listening(path), { chunks: "batches" });
  assert.deepEqual([server.type, server.path], ["seqpacket", path]);
  await using client = await connect({ path, type: "seqpacket" });
  await using end = (await server.accept())!;
  await write(client, "hello");
  assert.equal((await end.readable.getReader().read()).value?.length, 1);
  assert.equal((await end.opened).localAddress, path);
  await server.close();
  assert.ok(existsSync(path));
});

test("Listener.from() takes a descriptor that came with a message", async () => {
  const path = freshPath();
  await using pair = socketpair({ chunks: "messages" });
  {
    await using server = listen({ path });
    await pair[0].writable.getWriter().write({ data: new Uint8Array(1), descriptors: [server] });
    const [descriptor] = (await pair[1].readable.getReader().read()).value!.descriptors;
    await using other = Listener.from(descriptor!);
    assert.equal(descriptor!.fd, -1);
    await using client = await connect({ path });
    await using end = (await other.accept())!;
    await write(client, "x");
    assert.equal(await read(end), "x");
  }
  assert.ok(!existsSync(path));
});

test("a program that spawn() gives a listener to waits in accept(), and this process goes on accepting", async () => {
  const path = freshPath();
  await using server = listen({ path });
  const script = "import socket; c = socket.socket(fileno=3).accept()[0]; c.send(c.recv(9).upper())";
  const ended = endOf(spawn("python3", ["-c", script], { stdio: ["ignore", "inherit", "inherit", server] }));
  await delay(200); // until it waits: with a client there already it need not
  await using first = await connect({ path });
  await write(first, "hello");
  assert.equal(await read(first), "HELLO");
  assert.equal(await ended, 0);
  const accepting = server.accept();
  await using second = await connect({ path });
  await write(second, "x");
  await using end = (await accepting)!;
  assert.equal(await read(end), "x");
}, { skip: missing("python3") });

for (const how of ["spawn() that cannot start", "spawn() that refuses", "transfer()"]) {
  test(`a message that comes around ${how} has its sender`, async () => {
    const path = freshPath();
    await using server = listen({ path, type: "seqpacket", chunks: "messages", credentials: true });
    await using client = await connect({ path, type: "seqpacket" });
    let end = (await server.accept())!;
    const waiting = how === "spawn() that cannot start" ? end.readable.getReader() : undefined;
    const early = waiting?.read();
    if (waiting) {
      await delay(20);
      const child = spawn("/no/such/program", [], { stdio: ["ignore", "ignore", "ignore", end] });
      assert.equal(await endOf(child), "ENOENT");
    }
    if (how === "spawn() that refuses") {
      const closed = await connect({ path, type: "seqpacket" });
      await closed.close();
      assert.throws(() => spawn("true", [], { stdio: ["ignore", "ignore", "ignore", end, closed] }), TypeError);
    }
    const token = how === "transfer()" ? end.transfer() : undefined;
    await write(client, "x");
    if (token) end = SocketEnd.from(token, { credentials: true });
    const { value } = await (early ?? end.readable.getReader().read());
    assert.equal(value!.credentials?.pid, process.pid);
    await end.close();
  });
}

test("each client of a shared listening socket is accepted once", async () => {
  const path = freshPath();
  await using one = listen({ path });
  await using other = Listener.from(receivedDescriptor(OwnedDescriptor.duplicate(one.fd, 3).detach()));
  const calls = [one.accept(), other.accept()];
  await using client = await connect({ path });
  const end = await Promise.race(calls);
  await write(client, "x");
  assert.equal(await read(end!), "x");
  await end!.close();
  await delay(20);
  await Promise.all([one.close(), other.close()]);
  assert.equal((await Promise.all(calls)).filter((it) => it === null).length, 1);
});

test("a listener whose O_NONBLOCK another owner has taken off does not block the thread", async () => {
  const path = freshPath();
  await using server = listen({ path });
  setBlocking(server.fd);
  const accepting = server.accept();
  setBlocking(server.fd);
  await using _client = await connect({ path });
  await (await accepting)!.close();
  setBlocking(server.fd);
  assert.equal((await thrownBy(() => server.accept({ signal: AbortSignal.timeout(20) }))).name, "TimeoutError");
});

test("Listener.from() and SocketEnd.from() refuse what the other takes, and it stays its owner's", async () => {
  const fd = listening(freshPath());
  const [left, right] = rawPair(AF_UNIX, SOCK_SEQPACKET, 0);
  const dgram = socket(AF_UNIX, SOCK_DGRAM, 0);
  assert.throws(
    () => SocketEnd.from(fd),
    new RegExp(`descriptor ${fd}: it is a listening socket, and Listener takes it`),
  );
  for (const it of [left, dgram]) {
    assert.throws(() => Listener.from(it), new RegExp(`descriptor ${it}: it does not listen, and SocketEnd takes it`));
  }
  for (const it of [fd, left, right, dgram]) close(it);
  assert.equal((await thrownBy(() => Listener.from(fd))).code, "EBADF");
});

test("Listener.from() refuses what is no descriptor, has an owner, or has wrong options", async () => {
  await using server = listen({ path: freshPath() });
  for (const source of [-1, 1.5, "3", null, undefined, {}]) {
    assert.throws(
      () => Listener.from(source as number),
      /a listener is made of a descriptor number or a received|not a descriptor number/,
    );
  }
  assert.throws(() => Listener.from(server.fd), /another object of this thread owns it/);
  const fd = listening(freshPath());
  assert.throws(() => Listener.from(fd, { framing: "uint32le" }), /framing on type "seqpacket"/);
  assert.throws(() => Listener.from(fd, { backlog: 5 } as object), /no option "backlog"/);
  const owned = receivedDescriptor(fd);
  assert.throws(() => Listener.from(owned, { chunks: "bytes" }), /chunks "bytes"/);
  assert.equal(owned.fd, fd);
  owned.close();
  assert.throws(() => Listener.from(owned), /it is closed/);
});

test("inherited() takes the listening socket that spawn() was given with a name", async () => {
  const path = freshPath();
  await using server = listen({ path });
  const [program, args] = commandFor("tests/unix/activated.ts");
  const stdio = ["ignore", "ignore", "pipe", server] as const;
  const env = { ...process.env, NODE_NO_WARNINGS: "1" };
  const child = spawn(program, args, { stdio, names: { 3: "requests" }, env });
  child.stderr!.on("data", () => {});
  for (const question of ["first", "second"]) {
    await using client = await connect({ path });
    await write(client, question);
    assert.equal(await read(client), question.toUpperCase());
  }
  assert.equal(await endOf(child), 0);
});

test("inherited() takes the listening socket that systemd-socket-activate has opened", async () => {
  const path = freshPath();
  const [program, args] = commandFor("tests/unix/activated.ts");
  const options = ["--fdname=requests", ...PASSED_ON, "-E", "NODE_NO_WARNINGS=1", "-l", path];
  const activator = spawn("systemd-socket-activate", [...options, program, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  activator.stderr!.setEncoding("utf8").on("data", (part) => errors += part);
  const ended = endOf(activator);
  await listens(path);
  for (const question of ["first", "second"]) {
    await using client = await connect({ path });
    await write(client, question);
    assert.equal(await read(client), question.toUpperCase());
  }
  assert.equal(await ended, 0);
  assert.match(errors, /it is a listening socket, and Listener takes it/);
  assert.ok(existsSync(path));
}, { skip: missing("systemd-socket-activate") });
