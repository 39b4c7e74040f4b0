/** OpenBSD's nc(1) with -F: it connects, passes the connection's descriptor to its standard output, and exits. */

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { SocketEnd, socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { MSG_DONTWAIT, recvmsg, SocketError, write } from "../../ffi/mod.ts";
import { assert, delay, stdioOf, test } from "../_support.ts";
import { endOf } from "./_child.ts";
import { bytes, text } from "./_text.ts";

const { stderr, stdout } = spawnSync("nc", ["-h"], { encoding: "utf8" });
const skip = !`${stderr}${stdout}`.includes("OpenBSD") && "OpenBSD's nc is not installed";

/** What there is to read from a socket of any family. */
async function receive(fd: number): Promise<string> {
  const buffer = new Uint8Array(100);
  for (;;) {
    try {
      return text(buffer.subarray(0, recvmsg(fd, { iov: [buffer] }, MSG_DONTWAIT).bytes));
    } catch (error) {
      if (!(error instanceof SocketError && error.code === "EAGAIN")) throw error;
      await delay(5);
    }
  }
}

test("nc -F passes a connection: it arrives as a descriptor, and works when nc is gone", async () => {
  const server = createServer((socket) => {
    socket.write("welcome");
    socket.on("data", (part) => socket.end(`<${part}>`));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const [ours, theirs] = socketpair({ chunks: "messages" });
  const ended = endOf(spawn("nc", ["-F", "127.0.0.1", `${port}`], { stdio: stdioOf({ 1: theirs }) }));
  const { descriptors } = (await ours.readable.getReader().read()).value!;
  assert.equal(await ended, 0);
  assert.equal(descriptors.length, 1);
  {
    using connection = descriptors[0]!;
    // It is a TCP socket, so it is no end; it stays what it is.
    assert.throws(() => SocketEnd.from(connection), {
      name: "TypeError",
      message: /its address family is 2, not AF_UNIX/,
    });
    assert.equal(await receive(connection.fd), "welcome");
    write(connection.fd, bytes("through nc"));
    assert.equal(await receive(connection.fd), "<through nc>");
  }
  await ours.close();
  await new Promise((resolve) => server.close(resolve));
}, { skip });
