/** The npm package node-unix-socket: SEQPACKET at a socket path, one record a write. */

import type { BytePort } from "../framed.ts";
import type { Bytes, Contestant } from "../port.ts";
import { requirePeer } from "../peers.ts";
import { overPath } from "./_dial.ts";

interface SeqpacketSocket {
  connect(path: string, connected: () => void): void;
  write(bytes: Uint8Array, offset: number, length: number, written?: () => void): void;
  on(event: "data", listener: (bytes: Bytes) => void): void;
}

interface Package {
  SeqpacketServer: new () => {
    listen(path: string, backlog?: number): void;
    on(event: "connection", listener: (socket: SeqpacketSocket) => void): void;
  };
  SeqpacketSocket: new () => SeqpacketSocket;
}

/** How many writes are under way before one is waited for. */
const BURST = 64;

function portOf(socket: SeqpacketSocket): BytePort {
  let written = 0;
  return {
    send(bytes) {
      written += 1;
      if (written % BURST !== 0) return socket.write(bytes, 0, bytes.byteLength);
      return new Promise((resolve) => socket.write(bytes, 0, bytes.byteLength, () => setImmediate(resolve)));
    },
    receive(each) {
      socket.on("data", (bytes) => void each(bytes));
      return new Promise(() => {});
    },
  };
}

/** The contestant. */
export function contestant(): Contestant {
  // Microtasks do not run after the package's callbacks, so promises would hang at the end of a measurement.
  setInterval(() => {}, 10);
  const { SeqpacketServer, SeqpacketSocket } = requirePeer<Package>("node-unix-socket");
  return overPath({
    listen(path, connected) {
      const server = new SeqpacketServer();
      server.on("connection", (socket) => connected(portOf(socket)));
      server.listen(path, 1024);
    },
    dial: (path) =>
      new Promise((resolve) => {
        const socket = new SeqpacketSocket();
        socket.connect(path, () => setImmediate(() => resolve(portOf(socket))));
      }),
  });
}
