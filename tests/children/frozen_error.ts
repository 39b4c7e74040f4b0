/** A program that has frozen Error, as hardened ones do. It prints what the calls and the writers of ends without a peer say. */

import { SocketEnd, socketpair } from "../../mod.ts";
import { SocketError } from "../../ffi/mod.ts";

/** An end whose peer is gone. */
async function bereft(type: "stream" | "seqpacket"): Promise<SocketEnd> {
  const [left, right] = socketpair({ type });
  await right.close();
  return left;
}

// Node itself warns of its FFI then, and cannot.
await socketpair()[0].close();
Object.freeze(Error);
Object.freeze(Error.prototype);
for (const type of ["stream", "seqpacket"] as const) {
  const [called, written] = [await bereft(type), await bereft(type)];
  const writer = written.writable.getWriter();
  writer.closed.catch(() => {});
  const acts = {
    "write()": () => called.write(new Uint8Array(1)),
    "a writer": () => writer.write(new Uint8Array(1)),
    "a raw call": () => SocketEnd.from(1_000_000),
  };
  for (const [name, act] of Object.entries(acts)) {
    try {
      await act();
    } catch (error) {
      console.log(`${type}, ${name}: ${error instanceof SocketError ? error.code : error}`);
    }
  }
}
