/** `node:net` at a socket path. */

import { connect, createServer, type Socket } from "node:net";
import type { BytePort } from "../framed.ts";
import type { Contestant } from "../port.ts";
import { overPath } from "./_dial.ts";

function portOf(socket: Socket): BytePort {
  return {
    retains: true,
    send: (bytes) => socket.write(bytes) ? undefined : new Promise((resolve) => socket.once("drain", resolve)),
    receive: (each) => void socket.on("data", each),
  };
}

/** The contestant. */
export function contestant(): Contestant {
  return overPath({
    listen: (path, connected) =>
      new Promise((resolve) => void createServer((socket) => connected(portOf(socket))).listen(path, resolve)),
    dial: (path) =>
      new Promise((resolve) => {
        const socket = connect(path, () => resolve(portOf(socket)));
      }),
  });
}
