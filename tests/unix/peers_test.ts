/** Other programs on the other side: clients of ours, and servers. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync } from "node:fs";
import process from "node:process";
import { read as readFrom } from "../../ffi/mod.ts";
import { connect, listen } from "../../unix/mod.ts";
import { assert, delay, test } from "../_support.ts";
import { endOf, listens, missing } from "../peers/_child.ts";
import { freshPath, read, thrownBy, write } from "./_support.ts";
import { Bus } from "./_bus.ts";
import { Display } from "./_display.ts";

/** Runs a server until the body is done; it has begun when it listens. */
async function serving(
  path: string,
  program: string,
  args: string[],
  env: object,
  body: () => Promise<void>,
): Promise<void> {
  const child = spawn(program, args, { stdio: "ignore", env: { ...process.env, ...env } });
  const ended = endOf(child);
  await listens(path);
  try {
    await body();
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

const python = (source: string, ...args: string[]): ChildProcess =>
  spawn("python3", ["-c", source, ...args], { stdio: ["ignore", "pipe", "inherit"] });

test("ssh-agent lists its identities: its protocol is framing uint32be", async () => {
  const [path, key] = [freshPath("agent"), freshPath("key")];
  await serving(path, "ssh-agent", ["-D", "-a", path], {}, async () => {
    assert.equal(spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "a test", "-f", key]).status, 0);
    assert.equal(spawnSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: path } }).status, 0);
    await using agent = await connect({ path, framing: "uint32be" });
    await agent.write(new Uint8Array([11]));
    const buffer = new Uint8Array(1000);
    const answer = buffer.subarray(0, (await agent.read(buffer))!);
    assert.deepEqual([...answer.subarray(0, 5)], [12, 0, 0, 0, 1]);
    assert.match(new TextDecoder("latin1").decode(answer), /ssh-ed25519.*a test$/s);
  });
}, { skip: missing("ssh-agent", "ssh-add", "ssh-keygen") });

test("dbus-daemon lets us in, and gives back a descriptor that it was sent", async () => {
  const path = freshPath("bus");
  const args = ["--session", "--nofork", "--nosyslog", `--address=unix:path=${path}`];
  await serving(path, "dbus-daemon", args, {}, async () => {
    await using end = await connect({ path, chunks: "messages" });
    const bus = await Bus.open(end);
    assert.match(bus.name, /^:1\.\d+$/);
    const file = openSync(import.meta.filename!, "r");
    const descriptor = await bus.sendToSelf(file);
    closeSync(file);
    const buffer = new Uint8Array(10);
    readFrom(descriptor.fd, buffer);
    assert.equal(new TextDecoder().decode(buffer), "/** Other ");
    descriptor.close();
    assert.equal(end.peerCredentials().uid, process.getuid!());
  });
}, { skip: missing("dbus-daemon") });

test("weston takes a pool of shared memory whose descriptor it was sent", async () => {
  const folder = freshPath("runtime");
  mkdirSync(folder, { mode: 0o700 });
  const [path, memory] = [`${folder}/display`, freshPath("memory")];
  const args = ["--backend=headless-backend.so", "--no-config", "--socket=display", "--idle-time=0"];
  await serving(path, "weston", args, { XDG_RUNTIME_DIR: folder }, async () => {
    await using end = await connect({ path, chunks: "messages" });
    const display = new Display(end);
    const file = openSync(memory, "w+");
    ftruncateSync(file, 4096);
    await display.makeBuffer(file, 4096);
    await thrownBy(() => display.makeBuffer(file, 0)).then(({ message }) => assert.match(message, /invalid size/));
    closeSync(file);
  });
}, { skip: missing("weston") });

test("a notify socket has what a datagram says, and can answer to the name that bind has given", async () => {
  const path = freshPath();
  const server = python(
    `import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
    data, address = s.recvfrom(100)
    if address is None: print(data.decode(), flush=True)
    else: s.sendto(data.upper(), address); break
`,
    path,
  );
  const printed = new Promise((resolve) => server.stdout!.once("data", (part) => resolve(String(part))));
  const ended = endOf(server);
  while (!existsSync(path)) await delay(10);
  await using notify = await connect({ path, type: "dgram" });
  await write(notify, "READY=1");
  assert.match(await printed as string, /^READY=1/);
  const bind = freshPath();
  await using asking = await connect({ path, type: "dgram", bind });
  await write(asking, "hello");
  assert.equal(await read(asking), "HELLO");
  assert.equal(await ended, 0);
  assert.equal((await thrownBy(() => write(notify, "too late"))).code, "ECONNREFUSED");
  await asking.close();
  assert.ok(!existsSync(bind));
}, { skip: missing("python3") });

test("datagrams wait while the receiver's queue is full", async () => {
  const path = freshPath();
  const server = python(
    `import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1]), time.sleep(.3)
for i in range(500): assert s.recv(100) == str(i).encode()
`,
    path,
  );
  const ended = endOf(server);
  while (!existsSync(path)) await delay(10);
  await using end = await connect({ path, type: "dgram" });
  for (let count = 0; count < 500; count += 1) await write(end, String(count));
  assert.equal(await ended, 0);
}, { skip: missing("python3") });

test("Python's multiprocessing speaks framing uint32be, as a client and as a server", async () => {
  const path = freshPath();
  const client = `from multiprocessing.connection import Client
import sys
with Client(sys.argv[1], "AF_UNIX") as c:
    c.send_bytes(b"question")
    assert c.recv_bytes() == b"answer"
`;
  {
    await using server = listen({ path, framing: "uint32be" });
    const ended = endOf(python(client, path));
    await using end = (await server.accept())!;
    assert.equal(await read(end), "question");
    await write(end, "answer");
    assert.equal(await ended, 0);
  }
  const server = `from multiprocessing.connection import Listener
import sys
with Listener(sys.argv[1], "AF_UNIX") as l, l.accept() as c:
    c.send_bytes(c.recv_bytes().upper())
`;
  const ended = endOf(python(server, path));
  await listens(path);
  await using end = await connect({ path, framing: "uint32be" });
  await write(end, "question");
  assert.equal(await read(end), "QUESTION");
  assert.equal(await ended, 0);
}, { skip: missing("python3") });

for (const [type, number] of [["stream", 1], ["seqpacket", 5]] as const) {
  test(`socat is the server of a ${type}, and the client`, async () => {
    const path = freshPath();
    const address = `UNIX-LISTEN:${path},fork,type=${number}`;
    await serving(path, "socat", ["-t5", address, "EXEC:cat"], {}, async () => {
      await using end = await connect({ path, type });
      await write(end, "there and back");
      assert.equal(await read(end), "there and back");
      await end.closeWrite();
      assert.equal(await read(end), null);
    });
    const other = freshPath();
    await using server = listen({ path: other, type });
    const ended = endOf(
      spawn("socat", ["-t5", `UNIX-CONNECT:${other},type=${number}`, "EXEC:cat"], { stdio: "ignore" }),
    );
    await using end = (await server.accept())!;
    await write(end, "there and back");
    assert.equal(await read(end), "there and back");
    await end.closeWrite();
    assert.equal(await read(end), null);
    assert.equal(await ended, 0);
  }, { skip: missing("socat") });
}
