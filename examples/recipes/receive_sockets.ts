/**
 * Sockets that another program has opened, served here by `node:net`: one that listens, and a connection.
 *
 *   deno run --allow-ffi --allow-run --allow-env examples/recipes/receive_sockets.ts
 *   bun examples/recipes/receive_sockets.ts
 *   node examples/recipes/receive_sockets.ts
 */

import { connect, createServer, type NetConnectOpts, Socket } from "node:net";
import { socketpair } from "@socketpair/streams";
import { spawn } from "@socketpair/streams/process";

/** Listens on a port that only root may have, say, gives it away, and is then its own client. */
const SENDER = `
import socket
end = socket.socket(fileno=3)
with socket.create_server(("127.0.0.1", 0)) as listening:
    port = listening.getsockname()
    socket.send_fds(end, [b"listening"], [listening.fileno()])
with socket.create_connection(port) as client:
    print("the server says", client.recv(100).decode(), flush=True)

with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname()) as client:
    connection, _ = listening.accept()
    with connection:
        socket.send_fds(end, [b"connection"], [connection.fileno()])
    client.sendall(b"hello")
    print("the connection says", client.recv(100).decode(), flush=True)
`;

const [ours, theirs] = socketpair({ type: "seqpacket", chunks: "messages" });
spawn("python3", ["-c", SENDER], { stdio: ["ignore", "inherit", "inherit", theirs] });
for await (const { data, descriptors } of ours.readable) {
  const fd = descriptors[0]!.detach(); // node:net closes it
  if (new TextDecoder().decode(data) === "listening") {
    const server = createServer((socket) => {
      socket.end("welcome");
      server.close();
    }).listen({ fd });
  } else {
    // In Bun a Socket that is made of a descriptor never reads; the others' connect() takes none.
    const socket = "Bun" in globalThis ? connect({ fd } as unknown as NetConnectOpts) : new Socket({ fd });
    socket.once("data", (bytes) => socket.end(String(bytes).toUpperCase()));
  }
}
