/** What each runtime makes of a received descriptor, as the table at ReceivedDescriptor says. */

import { mkdtempSync, promises, readFileSync, readSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { type ReceivedDescriptor, SocketEnd, socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { assert, type MessageEnd, runtime, test } from "../_support.ts";
import { endOf, missing } from "../peers/_child.ts";
import { printedBy } from "./_programs.ts";

const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
after(() => rmSync(folder, { recursive: true }));

async function next(end: MessageEnd): Promise<ReceivedDescriptor> {
  const reader = end.readable.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return value!.descriptors[0]!;
}

async function receivedFile(): Promise<ReceivedDescriptor> {
  const path = join(folder, "file");
  writeFileSync(path, "content");
  const handle = await promises.open(path);
  const [ours, theirs] = socketpair({ chunks: "messages" });
  await ours.writable.getWriter().write({ data: new Uint8Array(1), descriptors: [handle] });
  const received = await next(theirs);
  await Promise.all([handle.close(), ours.close(), theirs.close()]);
  return received;
}

test("a received file can be read by its path in /proc", async () => {
  using file = await receivedFile();
  assert.equal(readFileSync(`/proc/self/fd/${file.fd}`, "utf8"), "content");
});

test(`a received file in ${runtime}: node:fs ${runtime === "deno" ? "does not take" : "takes"} its number`, async () => {
  using file = await receivedFile();
  const read = () => readSync(file.fd, new Uint8Array(9), 0, 9, 0);
  if (runtime === "deno") assert.throws(read, /EBADF/);
  else assert.equal(read(), 7);
});

test("a received file can be given to a program", async () => {
  using file = await receivedFile();
  assert.equal(await printedBy(spawn("cat", [], { stdio: [file, "pipe", "inherit"] })), "content");
  assert.notEqual(file.fd, -1);
});

/** Sends a listening socket, or a connection that it has accepted, and says "hi" to what has it then. */
const SENDER = `
import socket, sys
ours, what, address = socket.socket(fileno=3), sys.argv[1], sys.argv[2]
family = socket.AF_UNIX if address else socket.AF_INET
server, client = socket.socket(family), socket.socket(family)
server.bind(address or ("127.0.0.1", 0))
server.listen()
if what == "connection": client.connect(server.getsockname())
sent = server if what == "listener" else server.accept()[0]
socket.send_fds(ours, [b"x"], [sent.fileno()])
ours.recv(1)
if what == "listener": client.connect(server.getsockname())
server.close(); sent.close()
client.settimeout(5)
client.sendall(b"hi")
print(client.recv(10).decode())
`;

/** What the client prints that this side has answered. */
async function served(
  what: string,
  address: string,
  serve: (received: ReceivedDescriptor) => unknown,
): Promise<string> {
  const [ours, theirs] = socketpair({ chunks: "messages" });
  const child = spawn("python3", ["-c", SENDER, what, address], { stdio: ["ignore", "pipe", "inherit", theirs] });
  const [printed, ended] = [printedBy(child), endOf(child)];
  await serve(await next(ours));
  await ours.writable.getWriter().write({ data: new Uint8Array(1) });
  assert.equal(await ended, 0);
  await ours.close();
  return await printed;
}

const answer = (socket: Socket): unknown => socket.on("data", (text) => socket.end(`got ${text}`));
const python = { skip: missing("python3"), census: false };

for (const [family, address] of [["AF_UNIX", (name: string) => join(folder, name)], ["TCP", () => ""]] as const) {
  test(`a received listening socket of ${family} is served by node:net`, async () => {
    const server = createServer((socket) => void answer(socket));
    const listens = (received: ReceivedDescriptor): Promise<void> =>
      new Promise((resolve) => server.listen({ fd: received.detach() }, resolve));
    assert.equal(await served("listener", address("listener"), listens), "got hi\n");
    await new Promise((resolve) => server.close(resolve));
  }, python);

  const call = runtime === "bun" ? "net.connect({ fd })" : "new net.Socket({ fd })";
  test(`a received connection of ${family} is served in ${runtime} by ${call}`, async () => {
    const options = (received: ReceivedDescriptor) => ({ fd: received.detach(), readable: true, writable: true });
    const take = (received: ReceivedDescriptor) =>
      answer(runtime === "bun" ? connect(options(received) as never) : new Socket(options(received)));
    assert.equal(await served("connection", address("connection"), take), "got hi\n");
  }, python);
}

test("a received connection of AF_UNIX is served by SocketEnd.from()", async () => {
  const serve = (received: ReceivedDescriptor) => {
    const end = SocketEnd.from(received);
    const buffer = new Uint8Array(9);
    void end.read(buffer).then((count) => end.write(buffer.subarray(0, count!))).then(() => end.close());
  };
  assert.equal(await served("connection", join(folder, "end"), serve), "hi\n");
}, { skip: missing("python3") });
