/** `Deno.connect` to a socket path: through its streams, through `read` and `write`, or with a BYOB reader. */

import type { BytePort } from "../framed.ts";
import type { Contestant, Each } from "../port.ts";
import { overPath } from "./_dial.ts";
import { readWithBuffer, streamPort } from "./_streams.ts";

async function write(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let sent = await conn.write(bytes);
  while (sent < bytes.byteLength) sent += await conn.write(bytes.subarray(sent));
}

async function read(conn: Deno.Conn, each: Each): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const length = await conn.read(buffer);
    if (length === null) return;
    const wait = each(buffer.subarray(0, length));
    if (wait !== undefined) await wait;
  }
}

const WAYS: Record<string, (conn: Deno.Conn) => BytePort> = {
  "Deno.connect, streams": ({ readable, writable }) => streamPort(readable, writable),
  "Deno.connect, BYOB": ({ readable, writable }) => ({
    ...streamPort(readable, writable),
    receive: (each) => readWithBuffer(readable, each),
  }),
  "Deno.connect, read/write": (conn) => ({
    send: (bytes) => write(conn, bytes),
    receive: (each) => read(conn, each),
  }),
};

/** The contestant of that name. */
export function contestant(name: string): Contestant {
  const way = WAYS[name]!;
  return overPath({
    listen(path, connected) {
      const listener = Deno.listen({ transport: "unix", path });
      void (async () => {
        for await (const conn of listener) connected(way(conn));
      })();
    },
    dial: async (path) => way(await Deno.connect({ transport: "unix", path })),
  });
}
