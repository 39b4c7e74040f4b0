/**
 * HTTP over a pair, without a port or a path: `node:http` asks, by an Agent that keeps the one connection, and a web server in
 * Python has the other end.
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/recipes/http.ts
 *   bun examples/recipes/http.ts
 *   node examples/recipes/http.ts
 */

import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { type SocketEnd, socketpair } from "@socketpair/streams";
import { spawn } from "@socketpair/streams/process";

/** A web server whose only connection is descriptor 3. */
const SERVER = `
import socket, http.server
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        body = ("you asked for " + self.path).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
    def address_string(self): return "a pair"
Handler(socket.socket(fileno=3), ("", 0), None)
`;

/** What an Agent calls on a socket that it keeps. */
const STUBS = { setKeepAlive() {}, setNoDelay() {}, setTimeout() {}, ref() {}, unref() {} };

function agentOf(end: SocketEnd): Agent {
  const duplex = Duplex.fromWeb(end as unknown as Parameters<typeof Duplex.fromWeb>[0]);
  const createConnection = () => (console.log("connected"), Object.assign(duplex, STUBS));
  return Object.assign(new Agent({ keepAlive: true, maxSockets: 1 }), { createConnection });
}

const [ours, theirs] = socketpair();
spawn("python3", ["-c", SERVER], { stdio: ["ignore", "ignore", "inherit", theirs] });
const agent = agentOf(ours);
for (const path of ["/a/page", "/another"]) {
  const [response] = await once(get({ path, agent }), "response") as [IncomingMessage];
  console.log(response.statusCode, await text(response));
}
agent.destroy();
