/**
 * HTTP over a pair, without a port or a path: a web server in Python has the other end as its only connection.
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/recipes/http.ts
 *   bun examples/recipes/http.ts
 *   node examples/recipes/http.ts
 */

import { socketpair } from "@socketpair/streams";
import { spawn } from "@socketpair/streams/process";

/** A web server whose only connection is descriptor 3. */
const SERVER = `
import socket, http.server
class Handler(http.server.BaseHTTPRequestHandler):
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

const [ours, theirs] = socketpair();
spawn("python3", ["-c", SERVER], { stdio: ["ignore", "ignore", "inherit", theirs] });
await ours.write(new TextEncoder().encode("GET /a/page HTTP/1.0\r\n\r\n"));
let response = "";
for await (const text of ours.readable.pipeThrough(new TextDecoderStream())) response += text;
const [head, body] = response.split("\r\n\r\n");
console.log(head!.split("\r\n")[0], "-", body);
