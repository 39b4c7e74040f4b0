/**
 * A server's control socket: one record per command, and who may stop the server is asked of the kernel, not of the client. The
 * file's mode says who may connect.
 *
 *   deno run --allow-ffi --allow-env --allow-read --allow-write --allow-sys examples/recipes/control_socket.ts
 *   bun examples/recipes/control_socket.ts
 *   node examples/recipes/control_socket.ts
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import type { SocketEnd } from "@socketpair/streams";
import { connect, listen } from "@socketpair/streams/unix";

const folder = mkdtempSync(`${tmpdir()}/control-`);
const path = `${folder}/socket`;
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (record: Uint8Array) => new TextDecoder().decode(record);

const server = listen({ path, type: "seqpacket", mode: 0o666 });

async function serve(end: SocketEnd): Promise<void> {
  const { uid } = end.peerCredentials();
  for await (const record of end.readable) {
    const command = decode(record);
    if (command === "status") await end.write(encode(`serving ${path.slice(folder.length + 1)}`));
    else if (command !== "stop") await end.write(encode(`there is no command ${command}`));
    else if (uid !== process.getuid!()) await end.write(encode("only my own user stops me"));
    else {
      await end.write(encode("stopping"));
      await server.close();
    }
  }
}

async function command(...commands: string[]): Promise<void> {
  await using end = await connect({ path, type: "seqpacket" });
  for (const it of commands) {
    await end.write(encode(it));
    const buffer = new Uint8Array(1000);
    console.log(decode(buffer.subarray(0, (await end.read(buffer))!)));
  }
}

const asked = command("status", "dance", "stop");
for await (const end of server) serve(end).catch((error) => void end.close(error));
await asked;
console.log("the server has stopped");
rmSync(folder, { recursive: true });
