/**
 * A language server, or any program that speaks JSON-RPC with headers, by the libraries that want Node's streams.
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/recipes/language_server.ts
 *   bun examples/recipes/language_server.ts
 *   node examples/recipes/language_server.ts
 */

import { Duplex } from "node:stream";
import { once } from "node:events";
import { socketpair } from "@socketpair/streams";
import { spawn } from "@socketpair/streams/process";

/** Stands for a language server: it answers each message with its method in capitals. */
const SERVER = `
import json, sys
inp, out = sys.stdin.buffer, sys.stdout.buffer
while line := inp.readline():
    length = int(line.split(b":")[1])
    inp.readline()
    message = json.loads(inp.read(length))
    body = json.dumps({"id": message["id"], "result": message["method"].upper()}).encode()
    out.write(b"Content-Length: %d\\r\\n\\r\\n%s" % (len(body), body)); out.flush()
`;

const [ours, theirs] = socketpair();
spawn("python3", ["-c", SERVER], { stdio: [theirs, theirs, "inherit"] });
// TypeScript under lib "dom" takes the two kinds of streams for different ones: they are the same.
const duplex = Duplex.fromWeb(ours as unknown as Parameters<typeof Duplex.fromWeb>[0]);

for (const [id, method] of ["initialize", "shutdown"].entries()) {
  const body = JSON.stringify({ jsonrpc: "2.0", id, method });
  duplex.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
  const [answer] = await once(duplex, "data");
  console.log(String(answer).split("\r\n\r\n")[1]);
}
duplex.end();
