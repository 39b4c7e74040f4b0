/**
 * The raw POSIX layer: `socketpair` and what goes with it, synchronously and by their C names.
 *
 * Descriptors are numbers that the caller owns. Calls block the thread as they do in C; with MSG_DONTWAIT they fail with
 * EAGAIN instead.
 *
 * ```ts
 * import { AF_UNIX, close, read, SOCK_SEQPACKET, socketpair, write } from "@socketpair/streams/ffi";
 *
 * const [left, right] = socketpair(AF_UNIX, SOCK_SEQPACKET, 0);
 * write(left, new Uint8Array([1, 2, 3]));
 * console.log(read(right, new Uint8Array(16))); // 3
 * close(left);
 * close(right);
 * ```
 *
 * @module
 */

export * from "./posix/constants.ts";
export { close, read, shutdown, write } from "./posix/io.ts";
export { type Message, type ReceivedMessage, recvmsg, sendmsg } from "./posix/message.ts";
export { accept4, bind, connect, getpeername, getsockname, listen, socket } from "./posix/names.ts";
export { getsockopt, setsockopt } from "./posix/options.ts";
export { socketpair } from "./posix/socketpair.ts";
export { SocketError } from "./errors.ts";
export { useLibc } from "./libc.ts";
