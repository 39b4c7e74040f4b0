/** A service for one connection, which systemd has accepted: gives back what it reads, in capitals. */

import { SocketEnd } from "../../mod.ts";

const end = SocketEnd.inherited("connection");
const capitals = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
  transform: (part, controller) =>
    controller.enqueue(new TextEncoder().encode(new TextDecoder().decode(part).toUpperCase())),
});
await end.readable.pipeThrough(capitals).pipeTo(end.writable);
