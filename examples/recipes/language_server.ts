/**
 * A language server: it is asked, told to shut down, and exits. (`Duplex.fromWeb(end)` is what vscode-jsonrpc wants.)
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/recipes/language_server.ts
 *   bun examples/recipes/language_server.ts
 *   node examples/recipes/language_server.ts
 */

import { Buffer } from "node:buffer";
import { socketpair } from "@socketpair/streams";
import { spawn } from "@socketpair/streams/process";

/** Stands for a language server: it answers each request with its method in capitals. */
const SERVER = `
import json, sys
inp, out = sys.stdin.buffer, sys.stdout.buffer
while line := inp.readline():
    inp.readline()
    message = json.loads(inp.read(int(line.split(b":")[1])))
    if message["method"] == "exit": break
    body = json.dumps({"id": message["id"], "result": message["method"].upper()}).encode()
    out.write(b"Content-Length: %d\\r\\n\\r\\n%s" % (len(body), body)); out.flush()
`;

/** Messages, each behind a head that tells its length in bytes. */
async function* messages(readable: ReadableStream<Uint8Array>) {
  let rest = Buffer.alloc(0);
  for await (const piece of readable) {
    rest = Buffer.concat([rest, piece]);
    for (;;) {
      const [head, length] = /^Content-Length: (\d+)\r\n\r\n/.exec(rest.toString("latin1")) ?? ["", ""];
      const [start, end] = [head.length, head.length + Number(length)];
      if (start === 0 || rest.length < end) break;
      yield JSON.parse(rest.toString("utf8", start, end));
      rest = rest.subarray(end);
    }
  }
}

const [ours, theirs] = socketpair();
const child = spawn("python3", ["-c", SERVER], { stdio: [theirs, theirs, "inherit"] });
const exited = new Promise((resolve) => child.on("exit", resolve));
const answers = messages(ours.readable);
for (const message of [{ id: 0, method: "initialize" }, { id: 1, method: "shutdown" }, { method: "exit" }]) {
  const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
  await ours.write([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
  if ("id" in message) console.log((await answers.next()).value.result);
}
setTimeout(() => child.kill(), 5_000).unref(); // if it does not
console.log("exited with", await exited);
