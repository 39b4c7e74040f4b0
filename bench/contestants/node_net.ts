/** `node:net` at a socket path: through its events, or as Web Streams. */

import { connect, createServer, type Socket } from "node:net";
import { Duplex } from "node:stream";
import type { BytePort } from "../framed.ts";
import type { Bytes, Contestant } from "../port.ts";
import { overPath } from "./_dial.ts";
import { readWithBuffer, streamPort } from "./_streams.ts";

const events = (socket: Socket): BytePort => ({
  retains: true,
  send: (bytes) => socket.write(bytes) ? undefined : new Promise((resolve) => socket.once("drain", resolve)),
  receive: (each) =>
    new Promise((resolve) => {
      socket.on("data", each);
      socket.on("close", () => resolve());
    }),
});

type Web = { readable: ReadableStream<Bytes>; writable: WritableStream<Bytes> };

function streams(socket: Socket): BytePort {
  const { readable, writable } = Duplex.toWeb(socket) as unknown as Web;
  return { ...streamPort(readable, writable), retains: true };
}

function byob(socket: Socket): BytePort {
  const toWeb = Duplex.toWeb as unknown as (socket: Socket, options: { readableType: "bytes" }) => Web;
  const { readable, writable } = toWeb(socket, { readableType: "bytes" });
  return { ...streamPort(readable, writable), receive: (each) => readWithBuffer(readable, each), retains: true };
}

const WAYS: Record<string, (socket: Socket) => BytePort> = {
  "node:net": events,
  "Duplex.toWeb(net.Socket)": streams,
  "Duplex.toWeb(net.Socket), BYOB": byob,
};

/** The contestant of that name. */
export function contestant(name: string): Contestant {
  const way = WAYS[name]!;
  return overPath({
    listen: (path, connected) =>
      new Promise((resolve) => void createServer((socket) => connected(way(socket))).listen(path, resolve)),
    dial: (path) =>
      new Promise((resolve) => {
        const socket = connect(path, () => resolve(way(socket)));
      }),
  });
}
