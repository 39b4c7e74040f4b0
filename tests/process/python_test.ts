/** Python's own ways of using a socket: asyncio, which makes it O_NONBLOCK, and multiprocessing's connections. */

import { type SocketEnd, socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { assert, test } from "../_support.ts";
import { endOf, missing } from "../peers/_child.ts";
import { ask, bytes, text, textOf } from "../peers/_text.ts";
import { WATCHES_ITS_OUTPUT } from "./_programs.ts";

const python = { skip: missing("python3") };

/** Starts a script with an end as its descriptor 3. */
function start(script: string, end: SocketEnd): Promise<number | string> {
  return endOf(spawn("python3", ["-c", script], { stdio: ["ignore", "inherit", "inherit", end] }));
}

const ASYNCIO = `
import asyncio, socket
async def main():
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=3))
    while data := await reader.read(100000):
        writer.write(data.upper())
        await writer.drain()
    writer.close()
    await writer.wait_closed()
asyncio.run(main())
`;

test("Python's asyncio answers on an end", async () => {
  const [ours, theirs] = socketpair();
  const ended = start(ASYNCIO, theirs);
  assert.equal(await ask(ours, "there and back again\n".repeat(50_000)), "THERE AND BACK AGAIN\n".repeat(50_000));
  assert.equal(await ended, 0);
}, python);

/** Gives each message back, in reverse; an empty one ends it. */
const CONNECTION = `
from multiprocessing.connection import Connection
connection = Connection(3)
while message := connection.recv_bytes():
    connection.send_bytes(message[::-1])
`;

/** A message with its length before it, in network byte order. */
function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + message.length);
  new DataView(frame.buffer).setUint32(0, message.length);
  frame.set(message, 4);
  return frame;
}

test(
  "Python's multiprocessing.connection has four bytes of length before each message, the highest first",
  async () => {
    const [ours, theirs] = socketpair();
    const ended = start(CONNECTION, theirs);
    const writer = ours.writable.getWriter();
    const reader = ours.readable.getReader({ mode: "byob" });
    for (const message of ["abc", "x".repeat(20_000) + "y"]) {
      await writer.write(framed(bytes(message)));
      const answer = [...message].reverse().join("");
      const { value } = await reader.read(new Uint8Array(4 + message.length), { min: 4 + message.length });
      assert.deepEqual(value, framed(bytes(answer)));
    }
    await writer.write(framed(new Uint8Array(0)));
    assert.equal(await ended, 0);
    await ours.close();
  },
  python,
);

test('Python\'s multiprocessing.connection speaks framing "uint32be"', async () => {
  const [ours, theirs] = socketpair({ framing: "uint32be" });
  const ended = start(CONNECTION, theirs);
  const writer = ours.writable.getWriter();
  const reader = ours.readable.getReader();
  for (const message of ["abc", "x".repeat(20_000) + "y", "z"]) {
    await writer.write(bytes(message));
    assert.equal(text((await reader.read()).value), [...message].reverse().join(""));
  }
  await writer.write(new Uint8Array(0));
  assert.equal(await ended, 0);
  await ours.close();
}, python);

test(
  "Python's asyncio takes what can be read on its output for the end of the reader, but not where it has two ends",
  async () => {
    const command = ["-c", WATCHES_ITS_OUTPUT];
    const [one, both] = socketpair();
    await one.write(bytes("input"));
    assert.equal(await endOf(spawn("python3", command, { stdio: [both, both, "inherit"] })), 3);
    const [[input, stdin], [output, stdout]] = [socketpair(), socketpair()];
    await input.write(bytes("input"));
    const ended = endOf(spawn("python3", command, { stdio: [stdin, stdout, "inherit"] }));
    assert.equal(await textOf(output.readable), "one two");
    assert.equal(await ended, 0);
    await Promise.all([one.close(), input.close().catch(() => {}), output.close()]);
  },
  python,
);
