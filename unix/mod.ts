/**
 * Sockets with a name: `connect()` and `listen()` for AF_UNIX sockets on a path, with what ends of pairs have: records,
 * descriptors, credentials, calls and streams.
 *
 * ```ts
 * import { connect, listen } from "@socketpair/streams/unix";
 *
 * await using server = listen({ path: "\0an example", type: "seqpacket" });
 * await using client = await connect({ path: "\0an example", type: "seqpacket" });
 * await client.write(new TextEncoder().encode("one record"));
 * await using end = await server.accept();
 * console.log(await end!.read(new Uint8Array(100))); // 10
 * ```
 *
 * In Deno this entry needs `--allow-ffi`, and neither `--allow-read` nor `--allow-write`: the C library makes the calls.
 *
 * @module
 */

export { connect } from "./connect.ts";
export { listen } from "./listen.ts";
export { Listener } from "./listener.ts";
export type { ConnectOptions, ListenerOptions, ListenOptions } from "./options.ts";
