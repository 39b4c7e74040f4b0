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
 * **A Worker that must not be flooded** gets a token, a value that stands for an end. One that dies closes nothing
 *
 * ```ts
 * import { SocketEnd, socketpair } from "@socketpair/streams";
 *
 * const [ours, theirs] = socketpair({ type: "seqpacket" });
 * const token = theirs.transfer(); // worker.postMessage(token)
 * await using end = SocketEnd.from(token); // in the Worker
 * await ours.close(); // here, when the Worker has died: SocketEnd.revoke(token) and ours.close(reason)
 * ```
 *
 * | `type`               | carries                                       | EOF                                       |
 * | -------------------- | --------------------------------------------- | ----------------------------------------- |
 * | `"stream"` (default) | bytes, or records with the option `framing`   | yes                                       |
 * | `"seqpacket"`        | records                                       | yes                                       |
 * | `"dgram"`            | records                                       | no: take `"seqpacket"` unless you know why |
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

export { type SocketPair, socketpair } from "./streams/socketpair.ts";
export {
  type AnyEnd,
  type CallChunk,
  type Detached,
  type EndOf,
  type KindOf,
  SocketEnd,
  type SocketInfo,
} from "./streams/socket_end.ts";
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
