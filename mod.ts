/**
 * Two connected ends of a socket pair, as streams and calls: keep one, and give the other to a Worker, a child process, or a
 * program in any language. For Deno, Bun and Node on Linux.
 *
 * A slow reader slows the writer, a record (one message) is kept whole, and each direction finishes by itself.
 *
 * ```sh
 * deno add jsr:@socketpair/streams
 * deno run --allow-ffi main.ts
 * ```
 *
 * **Records and backpressure, in one process**
 *
 * ```ts
 * import { socketpair } from "@socketpair/streams";
 *
 * await using pair = socketpair({ type: "seqpacket" }); // closes both ends when the block is left
 * const [left, right] = pair;
 * await left.write(new TextEncoder().encode("one record")); // a call
 * await left.closeWrite();
 * for await (const record of right.readable) console.log(record.byteLength); // 10
 * ```
 *
 * **A helper in Python**, with `--allow-run` and `--allow-env` besides
 *
 * ```ts
 * import { socketpair } from "@socketpair/streams";
 * import { spawn } from "@socketpair/streams/process";
 *
 * const helper = "import socket; s = socket.socket(fileno=3); s.send(s.recv(65536).upper())";
 * const [ours, theirs] = socketpair({ type: "seqpacket" });
 * spawn("python3", ["-c", helper], { stdio: ["ignore", "inherit", "inherit", theirs] });
 * await ours.write(new TextEncoder().encode("hello"));
 * for await (const record of ours.readable) console.log(new TextDecoder().decode(record)); // HELLO
 * ```
 *
 * **A Worker that must not be flooded** receives an end as a token. A Worker that dies does not close its end
 *
 * ```ts
 * import { SocketEnd, socketpair } from "@socketpair/streams";
 *
 * const [ours, theirs] = socketpair({ type: "seqpacket" });
 * const token = theirs.transfer(); // which worker.postMessage(token) sends
 * await using end = SocketEnd.from(token); // in the Worker, where it has come as event.data
 * await ours.close(); // if the Worker dies: SocketEnd.revoke(token), then ours.close(reason)
 * ```
 *
 * | `type`               | carries                                       | EOF                                       |
 * | -------------------- | --------------------------------------------- | ----------------------------------------- |
 * | `"stream"` (default) | bytes, or records with the option `framing`   | yes                                       |
 * | `"seqpacket"`        | records                                       | yes                                       |
 * | `"dgram"`            | records                                       | no: `"seqpacket"` is what you want         |
 *
 * The option `chunks` makes a chunk an array of records (`"batches"`) or a message with descriptors and credentials
 * (`"messages"`).
 *
 * - [`@socketpair/streams/process`](https://jsr.io/@socketpair/streams/doc/process): programs and pipelines that have ends.
 * - [`@socketpair/streams/unix`](https://jsr.io/@socketpair/streams/doc/unix): the same ends over a socket with a name.
 * - [`@socketpair/streams/ffi`](https://jsr.io/@socketpair/streams/doc/ffi): the POSIX calls by their C names.
 * - [Guide](https://example.org/OWNER/NAME/blob/main/docs/guide.md) and
 *   [recipes](https://example.org/OWNER/NAME/tree/main/examples/recipes).
 *
 * @module
 */

// JSR's page lists the exports in this order: what most users need comes first.
export { socketpair } from "./streams/socketpair.ts";
export { SocketEnd } from "./streams/socket_end.ts";
export type { SocketPair } from "./streams/socketpair.ts";
export type { AnyEnd, CallChunk, Detached, EndOf, KindOf } from "./streams/socket_end.ts";
export type { SocketInfo } from "./streams/socket_info.ts";
export { SocketError } from "./ffi/errors.ts";
export { FramingError } from "./streams/framing_error.ts";
export { ReceivedDescriptor } from "./streams/received_descriptor.ts";
export type {
  AdoptOptions,
  CallOptions,
  ChunkKind,
  ChunksOption,
  SocketEndOptions,
  SocketPairOptions,
} from "./streams/options.ts";
export type { Bytes, Chunk } from "./streams/chunk.ts";
export type { Framing } from "./streams/prefix.ts";
export type { Message, ReceivedMessage, SentDescriptor } from "./streams/messages.ts";
export type { TransferToken } from "./streams/token.ts";
export type { SocketType } from "./ffi/socket_type.ts";
export type { Credentials } from "./ffi/ancillary.ts";
