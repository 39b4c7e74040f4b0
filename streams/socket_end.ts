import type { Credentials } from "../ffi/ancillary.ts";
import { OwnedDescriptor } from "../ffi/owned_descriptor.ts";
import type { SocketType } from "../ffi/socket_type.ts";
import { register } from "./access.ts";
import { type Bytes, type Chunk, nameOf } from "./chunk.ts";
import { adoptInherited } from "./inherited.ts";
import { Connection } from "./_connection.ts";
import { adopted, adoptFrom } from "./connections.ts";
import type { Message, ReceivedMessage } from "./messages.ts";
import {
  type AdoptOptions,
  type CallOptions,
  type ChunkKind,
  type ChunksOption,
  signalOf,
  takeAdoptOptions,
  takeReceiveOptions,
} from "./options.ts";
import type { ReceivedDescriptor } from "./received_descriptor.ts";
import { type SocketInfo, UNNAMED } from "./socket_info.ts";
import { claim, isToken, tokenFor, type TransferToken } from "./token.ts";

const MADE_OF = "an end is made of a descriptor number, a token or a received descriptor";

/** What {@linkcode SocketEnd.detach} gives back. */
export interface Detached<Received = Bytes> {
  /** The descriptor, which is the caller's from now on. */
  readonly fd: number;
  /** What was received and not read, in order: records or messages, or bytes. With `framing` these are bytes, lengths included. */
  readonly unread: Received extends readonly (infer Part)[] ? Part[] : Received[];
}

/**
 * The end whose chunks are of this kind: what `chunks` says; undefined where it is not there. Of several kinds it makes a union
 * of ends.
 */
export type EndOf<Kind extends ChunkKind | undefined = undefined> = [Kind] extends [never] ? SocketEnd
  : Kind extends "batches" ? SocketEnd<Bytes[], readonly Chunk[]>
  : Kind extends "messages" ? SocketEnd<ReceivedMessage, Message>
  : SocketEnd;

/** The kind of the chunks of an end that receives these. */
export type KindOf<Received> = Received extends readonly Bytes[] ? "batches"
  : Received extends ReceivedMessage ? "messages"
  : Received extends Bytes ? "bytes" | "records"
  : ChunkKind;

/** What a call writes. Where chunks are batches an array would look like several records, and be one: it is left to `writable`. */
export type CallChunk<Sent> = [Sent] extends [readonly Chunk[]] ? ArrayBufferView | ArrayBufferLike : Chunk;

let make: (connection: Connection, info?: SocketInfo) => SocketEnd;

/** Any end, whatever its chunks are. */
export type AnyEnd = SocketEnd<unknown, never>;

/**
 * One end of a socket pair. It has streams, which compose, and calls, which are fast and need no allocation.
 *
 * - A write resolves when the kernel has taken the whole chunk: a slow reader slows the writer.
 * - `writable.close()` and `closeWrite()` finish this direction only (SHUT_WR): the peer reads up to EOF and can go on sending.
 * - `readable.cancel()` refuses the other direction (SHUT_RD): what has arrived is lost, the peer's writer fails with EPIPE.
 * - The descriptor is closed when both directions have ended. An end that is dropped without that is closed when the garbage
 *   collector finds it, which may be never.
 * - A reset (the peer closed without reading everything) is news of the sending direction: `writable` and `closed` fail with
 *   ECONNRESET. What the peer had sent is delivered, and `readable` then closes without an error.
 * - A read that meets EOF of a peer that is gone altogether closes the end. A direction in which nothing was lost has not failed:
 *   if no write was under way and there was no reset, `writable` is not errored. The next write fails with EPIPE,
 *   `writer.close()` and `closed` resolve. If a write was under way, `writable` and `closed` fail with EPIPE.
 * - A pending read or write keeps the process alive, an idle end does not.
 * - An end of type `"dgram"` has no EOF: its `readable` closes by `close()` or `cancel()` only, or because another owner of the
 *   socket has called `shutdown(SHUT_RD)`. Its writer learns that the peer is gone by ECONNREFUSED. Read before you write:
 *   when a write fails so, the kernel throws away the records that had arrived and were not read.
 *
 * It has the shape of the WinterTC Sockets API, and differs from it: `allowHalfOpen` is true unless it is given; `close()` sends
 * first what was written; `closed` resolves when the descriptor is closed, or handed on; a failed system call is a
 * {@linkcode SocketError}, which is no TypeError.
 *
 * @example A call, and a stream
 * ```ts
 * import { socketpair } from "@socketpair/streams";
 *
 * await using pair = socketpair({ type: "seqpacket" });
 * const [left, right] = pair;
 * await left.write(new TextEncoder().encode("one record"));
 * await left.closeWrite();
 * for await (const record of right.readable) console.log(new TextDecoder().decode(record)); // one record
 * ```
 *
 * @see {@link https://sockets-api.proposal.wintertc.org/ | Sockets API}
 */
export class SocketEnd<Received = Bytes, Sent = Chunk> implements AsyncDisposable, Disposable {
  /**
   * The two addresses. The promise is resolved from the start: an end is connected when it is made. Only ends of `connect()` and of
   * a listener have addresses. A duplicate and a token keep them. An end that is made of a descriptor's number has none.
   */
  readonly opened: Promise<SocketInfo>;
  /**
   * Resolves when the descriptor is closed or handed on. Rejects with the first error of either direction, such as a reset.
   *
   * @example The peer dies before it has read everything
   * ```ts
   * import { socketpair } from "@socketpair/streams";
   * import { close } from "@socketpair/streams/ffi";
   *
   * const [left, right] = socketpair();
   * await left.write(new Uint8Array(10));
   * close(right.detach().fd); // what the kernel does when a program dies
   * for await (const _ of left.readable);
   * await left.closed.catch((error) => console.log(error.code)); // ECONNRESET
   * ```
   */
  readonly closed: Promise<void>;
  /** The kind of socket. */
  readonly type: SocketType;

  readonly #connection: Connection;
  readonly #info: SocketInfo;

  private constructor(connection: Connection, info: SocketInfo = UNNAMED) {
    if (!(connection instanceof Connection)) {
      throw new TypeError("Cannot construct a SocketEnd: socketpair() and SocketEnd.from() make them");
    }
    register(this, connection);
    this.#connection = connection;
    this.#info = info;
    this.opened = Promise.resolve(info);
    this.type = connection.socket.type;
    this.closed = connection.closed;
  }

  static {
    make = (connection, info) => new SocketEnd(connection, info);
  }

  /**
   * Makes an end of something that came from elsewhere:
   *
   * - the number of a descriptor, from a parent process or other code. It is made close-on-exec, and is the end's from here on;
   * - the token of {@linkcode SocketEnd.transfer}, from another thread. The end has what was received ahead there, and its
   *   `framing` and `chunks`: you need not give them again, and other values are a TypeError;
   * - a received descriptor, from a message. It moves into the end, and the object that it came in is then empty.
   *
   * @param source A descriptor number, a token, or a received descriptor
   * @param options How the end behaves
   * @returns The end. Type and address family are read from the socket
   * @throws {TypeError} If it is none of these, of another address family, a listening socket, owned by another object of this
   * thread, or a token that was received or revoked before; or if the options are wrong, after which a token can still be used
   * @throws {SocketError} EBADF if it is not open, ENOTSOCK if it is no socket. A number and a received descriptor then stay
   * their owner's; the descriptor of a token is closed
   *
   * @example A descriptor that a parent process has left open
   * ```ts
   * import { SocketEnd, socketpair } from "@socketpair/streams";
   *
   * const [left, right] = socketpair();
   * await using end = SocketEnd.from(right.detach().fd);
   * console.log(end.type); // stream
   * await left.close();
   * ```
   */
  static from<Kind extends ChunkKind | undefined = undefined>(
    source: number | TransferToken<Kind & ChunkKind> | ReceivedDescriptor,
    options?: AdoptOptions & ChunksOption<Kind>,
  ): EndOf<Kind>;
  static from(source: unknown, given: AdoptOptions = {}): unknown {
    if (isToken(source)) return SocketEnd.#receive(source, given);
    const options = takeAdoptOptions("Cannot adopt", given);
    return new SocketEnd(adoptFrom(source, MADE_OF, (fd) => adopted(fd, options)));
  }

  static #receive(token: TransferToken<ChunkKind>, given: AdoptOptions): unknown {
    const options = takeReceiveOptions(token, given);
    using claimed = claim(token);
    if (claimed === undefined) throw new TypeError("Cannot receive the end: the token was received or revoked before");
    const { descriptor, unread } = claimed;
    const shared = token.shared || options.shared === true;
    const connection = descriptor.move((fd) => adopted(fd, { ...options, shared, unread }));
    return new SocketEnd(connection, token.addresses);
  }

  /**
   * Closes an end that was sent with {@linkcode SocketEnd.transfer} and never received, such as to a worker that is gone.
   *
   * @param token What was sent
   * @returns Whether there was something to close: not if it was received or revoked before
   * @throws {TypeError} If it is no token
   */
  static revoke(token: TransferToken<ChunkKind>): boolean {
    if (!isToken(token)) throw new TypeError(`Cannot revoke ${nameOf(token)}: it is no token of SocketEnd.transfer()`);
    using claimed = claim(token);
    return claimed !== undefined;
  }

  /**
   * Adopts an end that the parent process has given to this one: see `spawn()`. Its descriptor is told by the environment
   * variables `SOCKETPAIR_FDS` (numbers) and `SOCKETPAIR_FDNAMES` (their names), both separated by colons; where they are not
   * set, by systemd's `LISTEN_FDS` and `LISTEN_FDNAMES`, if `LISTEN_PID` is this process.
   *
   * - `SOCKETPAIR_FDCOOKIES` proves which socket each number is (SO_COOKIE). If another socket has the number now, as under
   *   `node --watch` or after `fork()`, that is an error, and the socket is not touched. A number without a cookie is believed.
   * - What was adopted is taken out of `process.env`: a Worker or a program that is started later does not find it. The others
   *   keep their places, so the first stays the first. A Worker that was started before has a copy of the environment in Bun and
   *   Node, and must not adopt it too: the number would have two owners.
   * - If `stdio` has the end twice, this process has two descriptors of it. `close()` closes one, so the parent reads no EOF.
   *   `closeWrite()` finishes the direction for both.
   *
   * @param name Which one; the first unless given. Those of one name come one after the other
   * @param options How the end behaves
   * @returns The end
   * @throws {TypeError} With the code ERR_NOT_INHERITED if there is none, or none of that name; without a code if this thread has
   * adopted it before, or another socket has the number
   * @throws {SocketError} EBADF or ENOTSOCK, if a program in between has not passed the descriptor on
   */
  static inherited<Kind extends ChunkKind | undefined = undefined>(
    name?: string,
    options?: AdoptOptions & ChunksOption<Kind>,
  ): EndOf<Kind>;
  static inherited(name?: string, given: AdoptOptions = {}): unknown {
    const options = takeAdoptOptions("Cannot inherit an end", given);
    return adoptInherited(name, (fd) => SocketEnd.from(fd, options));
  }

  /**
   * What arrives: bytes of a `"stream"` (a BYOB reader's own buffer is filled by the kernel), else one record per chunk, unless
   * the option `chunks` says otherwise.
   */
  get readable(): ReadableStream<Received> {
    return this.#connection.source.stream() as ReadableStream<Received>;
  }

  /** What is sent. A chunk is a view, a buffer, or an array of them, which makes one record; of batches, an array of such records. */
  get writable(): WritableStream<Sent> {
    return this.#connection.sink.stream() as WritableStream<Sent>;
  }

  /**
   * The descriptor's number; -1 once the end is closed or handed on. Reading it counts as telling: from then on another program
   * may have the socket, so `close()` is close(2) and nothing else. To hand the end on for good, {@linkcode SocketEnd.detach} it.
   */
  get fd(): number {
    return this.#connection.socket.exposeFd();
  }

  /**
   * Resolves when the peer's last descriptor is closed, without a read or a write. What the peer had sent stays to be read.
   *
   * - It also resolves once both sides have shut down their sending directions: the kernel does not tell the two apart.
   * - It keeps no process alive, and no `deno test`: where nothing else does, a function that awaits it may never go on.
   * - It stays pending on a `"dgram"`, whose peer's close the kernel does not tell, and if this end is closed or handed on first.
   *
   * @returns The same promise each time
   */
  get peerClosed(): Promise<void> {
    return this.#connection.peerClosed();
  }

  /**
   * Reads into a buffer, with the contract of `Deno.Conn`.
   *
   * - Of bytes: as many as there are, at most as the buffer has room for. Of records, one whole record; 0 is an empty record.
   * - Concurrent reads are served in the order of their calls.
   * - Not while `readable` is locked.
   *
   * @param buffer Where the bytes go. Leave it alone until the promise settles
   * @param options A signal, which ends this one call
   * @returns The number of bytes, or null at EOF
   * @throws {RangeError} If the record is longer than the buffer: it stays for the next read, the buffer's content is not defined
   * @throws {TypeError} If `readable` is locked, if the end has messages, or if it is no buffer
   * @throws {SocketError} As recvmsg(2); the receiving direction has failed then
   *
   * @example A read with a timeout
   * ```ts
   * import { socketpair } from "@socketpair/streams";
   *
   * await using pair = socketpair({ type: "seqpacket" });
   * const [left, right] = pair;
   * await left.write(new Uint8Array([1, 2, 3]));
   * const buffer = new Uint8Array(1024);
   * const count = await right.read(buffer, { signal: AbortSignal.timeout(1000) });
   * console.log(count); // 3
   * ```
   */
  read(buffer: ArrayBufferView | ArrayBufferLike, options?: CallOptions): Promise<number | null> {
    try {
      this.#checkKind();
      const signal = options === undefined ? undefined : signalOf("Cannot read", options);
      return this.#connection.source.read(buffer, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Reads what is there into a buffer, and never waits: no promise, no event loop. So it works in an `exit` handler, and as the
   * synchronous read of a WebAssembly module.
   *
   * - While earlier reads wait, nothing is there for this one.
   * - The loop is the caller's: while it goes on, no timer and no other event of this thread has its turn.
   *
   * @param buffer Where the bytes go
   * @returns The number of bytes, as {@linkcode SocketEnd.read} gives it, null at EOF, or undefined if it would have to wait
   * @throws {RangeError} If the record is longer than the buffer: it stays for the next read
   * @throws {TypeError} If `readable` is locked, if the end has messages, or if it is no buffer
   * @throws {SocketError} As recvmsg(2); the receiving direction has failed then
   *
   * @example All records that are there
   * ```ts
   * import { socketpair } from "@socketpair/streams";
   *
   * await using pair = socketpair({ type: "seqpacket" });
   * const [left, right] = pair;
   * for (const size of [3, 5]) left.tryWrite(new Uint8Array(size));
   * const buffer = new Uint8Array(1024);
   * for (let count = right.tryRead(buffer); count != null; count = right.tryRead(buffer)) console.log(count);
   * // 3
   * // 5
   * ```
   */
  tryRead(buffer: ArrayBufferView | ArrayBufferLike): number | null | undefined {
    this.#checkKind();
    return this.#connection.source.tryRead(buffer);
  }

  #checkKind(): void {
    if (this.#connection.kind !== "messages") return;
    throw new TypeError("Cannot read: chunks of this end are messages, which come by readable");
  }

  /**
   * Writes bytes, or one record.
   *
   * - Calls go in the order in which they are made, also when they are not awaited.
   * - With `framing` small records are gathered, and the write may resolve before the kernel has them: see `flush()`.
   * - What cannot be written is refused, and the end goes on.
   * - Not while `writable` is locked.
   *
   * @param chunk A view, a buffer, or an array of them, which makes one record, also where chunks are batches. Do not change it
   * until the promise settles
   * @param options A signal, which ends this one call. What the kernel has a part of is sent whole all the same
   * @returns The number of bytes, when the kernel has all of them
   * @throws {TypeError} If `writable` is locked, the end is closed or has messages, or it is no chunk
   * @throws {RangeError} If the record is longer than the system allows
   * @throws {SocketError} EPIPE or ECONNRESET if the peer is gone, and others of sendmsg(2)
   *
   * @see {@link https://man7.org/linux/man-pages/man2/sendmsg.2.html | sendmsg(2)}
   */
  write(chunk: CallChunk<Sent>, options?: CallOptions): Promise<number> {
    try {
      const signal = options === undefined ? undefined : signalOf("Cannot write", options);
      return this.#connection.sink.call(chunk as Chunk, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Writes what there is room for, and never waits: see {@linkcode SocketEnd.tryRead}.
   *
   * - Of bytes, as many as the kernel takes now: the rest is the caller's to write again. A record goes whole or not at all.
   * - With `framing` nothing is gathered, unlike by `write()`: what was gathered before goes first. A record that the kernel takes
   *   only a part of is copied, and its rest sent later.
   * - While earlier writes wait, there is no room for this one.
   *
   * @param chunk A view, a buffer, or an array of them, which makes one record, also where chunks are batches
   * @returns The number of bytes, or undefined if it would have to wait
   * @throws {TypeError} If `writable` is locked, the end is closed or has messages, or it is no chunk
   * @throws {RangeError} If the record is longer than the system allows
   * @throws {SocketError} EPIPE or ECONNRESET if the peer is gone, and others of sendmsg(2)
   */
  tryWrite(chunk: CallChunk<Sent>): number | undefined {
    return this.#connection.sink.tryCall(chunk as Chunk);
  }

  /**
   * Waits until the kernel has all that was written before. Only with `framing` that is later than the writes themselves say.
   *
   * @returns A promise that resolves then; it rejects if the direction fails first
   */
  flush(): Promise<void> {
    return this.#connection.sink.flush();
  }

  /**
   * Closes both directions and the descriptor, also while readers and writers hold the locks.
   *
   * - Without a reason nothing more is accepted from now on; what was accepted before is sent first, which waits for the peer to
   *   make room. Pending reads give null.
   * - With a reason nothing is waited for, not even by an earlier call without one: both streams fail with it.
   * - What has arrived is thrown away first, so that the peer is not reset and gets what was sent. If the descriptor's number
   *   was told ({@linkcode SocketEnd.fd}) or the end is shared, it is close(2) and nothing else.
   * - A writer that has the lock is not told: its next write rejects, its `close()` resolves, and its `closed` waits for either. A
   *   pipe fails at once.
   * - Again: no effect.
   *
   * @param reason The error of both streams, if they are to fail
   * @returns The same promise as `closed`
   *
   * @example What was written arrives
   * ```ts
   * import { socketpair } from "@socketpair/streams";
   *
   * const [left, right] = socketpair();
   * void left.write(new Uint8Array(100_000));
   * void left.close();
   * let total = 0;
   * for await (const bytes of right.readable) total += bytes.byteLength;
   * console.log(total); // 100000
   * ```
   */
  close(reason?: unknown): Promise<void> {
    return this.#connection.close(reason);
  }

  /**
   * Finishes the sending direction when what was written is sent, also while a writer holds the lock, which is told as by
   * {@linkcode SocketEnd.close}: the peer reads up to EOF. The receiving direction lives on.
   *
   * @returns A promise that resolves when the direction has finished, with an error or without one
   */
  closeWrite(): Promise<void> {
    return this.#connection.closeWrite();
  }

  /**
   * Receives no more than what has arrived (SHUT_RD): that is still delivered, then `readable` ends and a read gives null. The
   * sending direction lives on.
   *
   * - The peer's next write fails with EPIPE. One that waits for room learns of it once this end has read the rest.
   * - Reads that wait give null. `readable.cancel()` is the one that throws away what has arrived.
   * - `allowHalfOpen: false` is about the peer's EOF: this end's own closeRead() leaves the sending direction alone.
   * - If the descriptor's number was told ({@linkcode SocketEnd.fd}) or the end is shared, others read from the same queue.
   *   Then this end alone reads EOF, once the queue is empty, and no writer fails.
   *
   * It ends the output of a program that has exited although another program still has the socket: a child in the background.
   * In Deno each program keeps spare copies of descriptors 0 to 2, which go on to all its descendants.
   *
   * @example The output of a program ends when the program does
   * ```ts
   * import { socketpair } from "@socketpair/streams";
   * import { spawn } from "@socketpair/streams/process";
   *
   * const [ours, theirs] = socketpair();
   * const child = spawn("sh", ["-c", "sleep 60 & echo done; kill $!"], { stdio: ["ignore", theirs, "inherit"] });
   * child.on("exit", () => ours.closeRead());
   * for await (const bytes of ours.readable) console.log(new TextDecoder().decode(bytes)); // done
   * await ours.close();
   * ```
   *
   * @see {@link https://man7.org/linux/man-pages/man2/shutdown.2.html | shutdown(2)}
   */
  closeRead(): void {
    this.#connection.closeRead();
  }

  /**
   * Gives the descriptor up without closing it, for another owner: a child process, another worker, C code. The streams of this
   * end fail from here on, a pending read with them; `closed` resolves.
   *
   * @returns The descriptor and what was received and not read
   * @throws {TypeError} If the end is closed, or if writes are under way that the kernel does not take now: await them first
   *
   * @example To a program that takes a number
   * ```ts
   * import { socketpair } from "@socketpair/streams";
   * import { close, write } from "@socketpair/streams/ffi";
   *
   * const [left, right] = socketpair();
   * const { fd } = right.detach();
   * write(fd, new Uint8Array(3));
   * close(fd);
   * console.log(await left.read(new Uint8Array(10))); // 3
   * ```
   */
  detach(): Detached<Received> {
    return this.#connection.detach("detach", true) as Detached<Received>;
  }

  /**
   * Gives the end up to another thread of this process. It is closed for use here at once, and no thread owns it until the other
   * side gives the token to {@linkcode SocketEnd.from}; if it never does, {@linkcode SocketEnd.revoke} closes it.
   *
   * - The token tells `framing` and `chunks`. The other options are told to `from()`.
   * - The token is what is sent, not the end. `postMessage(end)` fails with a DataCloneError that names a Promise, or no reason;
   *   `JSON.stringify(end)` gives an object without the descriptor.
   *
   * @returns A plain value for `postMessage` or `workerData`
   * @throws {TypeError} As {@linkcode SocketEnd.detach}
   *
   * @example Take it back
   * ```ts
   * import { SocketEnd, socketpair } from "@socketpair/streams";
   *
   * const [left, right] = socketpair();
   * const token = right.transfer(); // worker.postMessage(token)
   * await using end = SocketEnd.from(token); // and this in the worker
   * await left.close();
   * ```
   */
  transfer(): TransferToken<KindOf<Received>> {
    const { kind, options: { framing }, socket: { isShared } } = this.#connection;
    const { fd, unread } = this.#connection.detach("transfer");
    const token = tokenFor({
      type: this.type,
      chunks: kind,
      framing,
      fd,
      addresses: this.#info,
      shared: isShared,
      unread,
    });
    return token as TransferToken<KindOf<Received>>;
  }

  /**
   * Makes another end of the same socket (`dup(2)`), such as for a second worker. Both have the same queue and the same peer:
   *
   * - Each record is read by exactly one of them, whichever asks first; records that both write are kept whole. The bytes of a
   *   `"stream"` are not: there, only one should read, and only one write.
   * - From now on both are {@linkcode SocketEndOptions.shared}, wherever they are transferred. `close()`, `cancel()` or an
   *   error of one concerns that one; the peer notices when all are closed. A direction that has finished before stays finished.
   * - What this end has received ahead, it keeps. It may have reads and writes under way.
   * - A new owner who has it by `detach()`, `spawn()` or as a sent descriptor has to be told: `shared` is one of the options.
   *
   * @returns The other end, with this one's options, its signal included
   * @throws {TypeError} If the end is closed or detached
   * @throws {SocketError} EMFILE if the process has too many open files
   *
   * @example Two readers of one queue
   * ```ts
   * import { socketpair } from "@socketpair/streams";
   *
   * const [tasks, first] = socketpair({ type: "seqpacket" });
   * await using second = first.duplicate();
   * await tasks.write(new Uint8Array([1, 2, 3]));
   * await first.close(); // the record is still there, and so is the connection
   * console.log(await second.read(new Uint8Array(10))); // 3
   * await tasks.close();
   * ```
   *
   * @see {@link https://man7.org/linux/man-pages/man2/dup.2.html | dup(2)}
   */
  duplicate(): SocketEnd<Received, Sent> {
    const { socket, isOpen, options } = this.#connection;
    if (!isOpen) throw new TypeError("Cannot duplicate: the end is closed");
    using owned = OwnedDescriptor.duplicate(socket.fd, 3);
    const connection = owned.move((fd) => adopted(fd, { ...options, unread: undefined, shared: true }));
    socket.share();
    return new SocketEnd<Received, Sent>(connection, this.#info);
  }

  /**
   * The process that the kernel noted as the peer when the connection was made (SO_PEERCRED), even if another has the peer by now:
   *
   * - of a pair, the one that called `socketpair()`;
   * - of an accepted end, the one that connected;
   * - of a connected end, the one that listens; a connected `"dgram"` has none: pid 0.
   *
   * Ask before you read EOF: an end whose peer has gone closes itself then.
   *
   * @returns Process, user and group
   * @throws {SocketError} EBADF if the end is closed
   */
  peerCredentials(): Credentials {
    return this.#connection.socket.peerCredentials();
  }

  /**
   * Lets a pending read or write keep the process alive again.
   *
   * @example A program that may end although it listens
   * ```ts
   * import { socketpair } from "@socketpair/streams";
   *
   * const [left, right] = socketpair();
   * right.unref();
   * const reading = right.read(new Uint8Array(10));
   * right.ref();
   * await left.close();
   * console.log(await reading); // null
   * ```
   */
  ref(): void {
    this.#connection.socket.watch.keepAlive(true);
  }

  /** Lets the process exit although a read or write is pending. */
  unref(): void {
    this.#connection.socket.watch.keepAlive(false);
  }

  /** Closes at once. What was written and not yet sent is lost: its writes fail. */
  [Symbol.dispose](): void {
    this.#connection.abandon();
  }

  /** Closes as {@linkcode SocketEnd.close} does, but never rejects: what went wrong, the streams have told. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close().catch(() => {});
  }

  /** What `Object.prototype.toString` calls it. */
  get [Symbol.toStringTag](): "SocketEnd" {
    return "SocketEnd";
  }

  /** What `console.log` shows: Deno and Bun ask for it by Node's name, too. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    const { socket: { fd, isShared }, source, sink, kind } = this.#connection;
    const state = fd === -1 ? "closed" : source.ended || sink.ended ? "half-closed" : "open";
    const shared = isShared ? ", shared: true" : "";
    return `SocketEnd { type: "${this.type}", fd: ${fd}, state: "${state}", chunks: "${kind}"${shared} }`;
  }
}

/** Makes an end of its connection. */
export function endOf(connection: Connection, info?: SocketInfo): SocketEnd {
  return make(connection, info);
}
