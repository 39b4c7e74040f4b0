import { SOCKET_TYPES, type SocketType } from "../ffi/socket_type.ts";
import { bytesOf, nameOf } from "./chunk.ts";
import { checkKnown, knownOptions } from "./known_options.ts";
import { type Framing, FRAMINGS } from "./prefix.ts";
import { ownerOf } from "./received_descriptor.ts";

/** What a chunk of an end's streams is. */
export type ChunkKind = "bytes" | "records" | "batches" | "messages";

/** The option from which the types of an end follow. */
export interface ChunksOption<Kind extends ChunkKind | undefined> {
  /**
   * What a chunk is, either way. Default: `"bytes"` for a `"stream"` without `framing`, else `"records"`.
   *
   * - `"bytes"`: some bytes.
   * - `"records"`: one record.
   * - `"batches"`: an array of records. One that is read has at most 1,024 of them.
   * - `"messages"`: a record (of a `"stream"`: some bytes), with the descriptors and the credentials that go with it.
   */
  readonly chunks?: Kind;
}

/** How one call may be ended. */
export interface CallOptions {
  /** Ends this call, as with `AbortSignal.timeout()`: it rejects with the signal's reason. Nothing is lost by it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * How an end behaves. They are read once, when the end is made.
 *
 * - `undefined` means the default.
 * - An option that has no effect in the given combination is a TypeError, as is an unknown one, whatever its value is.
 */
export interface SocketEndOptions extends ChunksOption<ChunkKind | undefined> {
  /**
   * Makes records of a `"stream"`: each goes behind its length, and may be empty. Both ends must agree on it. Small records are
   * gathered into one call, until 64 KiB are full or the writer pauses: a write may resolve before the kernel has the record,
   * and `flush()` tells when it has. Records that arrived together share a buffer, whose other bytes are not defined.
   *
   * Python's multiprocessing and Erlang's `{packet, 4}` speak `"uint32be"`, Erlang's `{packet, 2}` speaks `"uint16be"`.
   */
  readonly framing?: Framing | undefined;
  /** The most bytes in a record with `framing`, either way. Default: 67,108,864 (64 MiB), or 65,535 with 16 bits. */
  readonly maxRecordSize?: number | undefined;
  /** Whether the end goes on sending after the peer has finished its direction. Default: true, unlike in WinterTC and node:net. */
  readonly allowHalfOpen?: boolean | undefined;
  /** Closes the end at once when it is aborted, with the signal's reason as the error of both streams. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Tells with each message which process has sent it (SO_PASSCRED). Only with `chunks: "messages"`. The socket keeps it when it is
   * handed on, except by `SocketEnd.detach()`: so that no message on the way is without its sender.
   */
  readonly credentials?: boolean | undefined;
  /**
   * For a socket that other ends own too, here or elsewhere. Each finishes a direction for itself only: `shutdown` is never called,
   * so the peer meets EOF, or its writer fails, once all of them are closed. Options that this module has set on the
   * socket are not reset. `SocketEnd.duplicate()` sets it.
   */
  readonly shared?: boolean | undefined;
  /**
   * For how many microseconds a receipt that would wait is tried again before the thread parks. First it is tried several times
   * without a pause, which takes about 10 microseconds, then once in each turn of the event loop. It is done only while it mostly
   * succeeds. Default: 50; 0 for never.
   */
  readonly busyPoll?: number | undefined;
}

/** How an end behaves whose descriptor had another owner. */
export interface AdoptOptions extends SocketEndOptions {
  /** What kind of socket it must be, if that is known: another is refused. */
  readonly type?: SocketType | undefined;
  /** What the earlier owner had received and not read (see `SocketEnd.detach()`): it is read first. A token tells it itself. */
  readonly unread?: readonly unknown[] | undefined;
}

/** What kind of pair `socketpair()` makes, and how its ends behave. */
export interface SocketPairOptions extends SocketEndOptions {
  /** The kind of socket. Default: `"stream"`. */
  readonly type?: SocketType | undefined;
  /** The protocol, 0 (the default) or PF_UNIX. */
  readonly protocol?: number | undefined;
  /**
   * SO_SNDBUF of both ends in bytes. The kernel doubles it, and bounds it by `net.core.wmem_max`. It is where writes begin to
   * wait, not the most that is under way: see `socketpair()`. Default: the kernel's own, 212,992 in all; a `"stream"` has twice
   * as much, with `framing` four times, as far as the bound allows.
   */
  readonly sendBufferSize?: number | undefined;
  /** SO_RCVBUF of both ends in bytes. Linux does not use it for AF_UNIX: what is under way counts against the sender. */
  readonly receiveBufferSize?: number | undefined;
}

const KINDS: readonly ChunkKind[] = ["bytes", "records", "batches", "messages"];

/** All names, which the compiler counts. */
function namesOf<Options>(names: Record<keyof Options, true>): readonly (string & keyof Options)[] {
  return Object.keys(names) as (string & keyof Options)[];
}

const OF_ENDS = {
  chunks: true,
  framing: true,
  maxRecordSize: true,
  allowHalfOpen: true,
  signal: true,
  credentials: true,
  shared: true,
  busyPoll: true,
} as const;

/** What an end may be told. */
export const END_OPTIONS = namesOf<SocketEndOptions>(OF_ENDS);
/** What an end of a descriptor that had another owner may be told. A token tells itself what was unread. */
const ADOPT_OPTIONS = namesOf<AdoptOptions>({ type: true, ...OF_ENDS, unread: true });
const RECEIVE_OPTIONS = namesOf<Omit<AdoptOptions, "unread">>({ type: true, ...OF_ENDS });
/** What a pair may be told. */
const PAIR_OPTIONS = namesOf<SocketPairOptions>({
  type: true,
  protocol: true,
  sendBufferSize: true,
  receiveBufferSize: true,
  ...OF_ENDS,
});

/** Takes the options of a pair as they are now. */
export function takePairOptions(given: SocketPairOptions) {
  const { type = "stream", protocol = 0, ...options } = knownOptions("Cannot make a pair", given, PAIR_OPTIONS);
  checkPairOptions(type, protocol, options);
  return { type, protocol, options };
}

/** Refuses options of new sockets before anything is opened. */
export function checkPairOptions(type: SocketType, protocol: number, options: SocketPairOptions): void {
  const { sendBufferSize, receiveBufferSize } = options;
  checkName("type", type, SOCKET_TYPES);
  checkInteger("protocol", protocol, -(2 ** 31), 2 ** 31 - 1);
  checkInteger("sendBufferSize", sendBufferSize, 1, 2 ** 30);
  checkInteger("receiveBufferSize", receiveBufferSize, 1, 2 ** 30);
  checkOptions(options);
  kindOf(type, options);
}

/** Takes the options of an end of a descriptor that had another owner, as they are now. */
export function takeAdoptOptions(act: string, given: AdoptOptions): AdoptOptions {
  const options = knownOptions(act, given, ADOPT_OPTIONS);
  checkOptions(options);
  const { chunks, unread } = options;
  return unread === undefined ? options : { ...options, unread: unreadOf(chunks === "messages", unread) };
}

/** What an earlier owner had received, each looked at once: a caller may have made it. */
function unreadOf(isMessages: boolean, unread: unknown): unknown[] {
  if (!Array.isArray(unread)) {
    throw new TypeError(`Cannot use ${nameOf(unread)} as unread: it is an array, as detach() gives it`);
  }
  return Array.from(unread as unknown[], (it) => {
    const { data, ...others } = isMessages ? Object(it) as { data?: unknown } : { data: it };
    if (!ArrayBuffer.isView(data)) {
      throw new TypeError(
        `Cannot use ${nameOf(it)} in unread: what detach() gives has ${isMessages ? "messages" : "views"}`,
      );
    }
    const bytes = bytesOf(data, "use");
    if (!isMessages) return bytes;
    const { descriptors } = others as { descriptors?: unknown };
    if (Array.isArray(descriptors) && descriptors.every((it) => ownerOf(it) !== undefined)) {
      return { data: bytes, ...others };
    }
    throw new TypeError(`Cannot use ${nameOf(it)} in unread: its descriptors are received descriptors`);
  });
}

/**
 * Takes the options of an end that a token makes, which tells the type and what the chunks are.
 *
 * @throws {TypeError} If the options tell it too, and otherwise
 */
export function takeReceiveOptions(
  token: { readonly type: SocketType; readonly chunks: ChunkKind; readonly framing: Framing | undefined },
  given: AdoptOptions,
): AdoptOptions {
  const told = knownOptions("Cannot receive the end", given, RECEIVE_OPTIONS);
  for (const name of ["type", "framing", "chunks"] as const) {
    if (told[name] === undefined || told[name] === token[name]) continue;
    throw new TypeError(
      `Cannot receive the end: ${name} is ${shown(told[name])}, and ${shown(token[name])} in the token`,
    );
  }
  const { type, chunks, framing } = token;
  const options = { ...told, chunks, framing };
  checkOptions(options);
  kindOf(type, options);
  return options;
}

/** The signal that is to end one call. */
export function signalOf(act: string, options: CallOptions): AbortSignal | undefined {
  checkKnown(act, options, ["signal"]);
  const { signal } = options;
  if (signal !== undefined) checkSignal(signal);
  return signal;
}

/** Refuses options that are of a wrong kind, or that no socket can have. */
function checkOptions(options: AdoptOptions): void {
  const { chunks, framing, maxRecordSize, allowHalfOpen, busyPoll, credentials, shared, signal } = options;
  checkName("chunks", chunks, KINDS);
  checkName("framing", framing, FRAMINGS);
  checkInteger("busyPoll", busyPoll, 0, 1_000_000);
  checkInteger("maxRecordSize", maxRecordSize, 0, framing?.startsWith("uint16") ? 65_535 : 2 ** 32 - 1);
  for (const [name, value] of Object.entries({ allowHalfOpen, credentials, shared })) checkBoolean(name, value);
  if (maxRecordSize !== undefined && framing === undefined) {
    throw new TypeError("Cannot use maxRecordSize without framing: the system bounds its own records");
  }
  if (chunks === "messages" && framing !== undefined) {
    throw new TypeError('Cannot use chunks "messages" with framing: descriptors ride on bytes, not on records of ours');
  }
  if (credentials && chunks !== "messages") {
    throw new TypeError('Cannot use credentials without chunks "messages": they come with messages');
  }
  if (signal === undefined) return;
  checkSignal(signal);
  signal.throwIfAborted();
}

function checkSignal(signal: AbortSignal): void {
  if (typeof signal?.throwIfAborted === "function") return;
  throw new TypeError(`Cannot use ${nameOf(signal)} as signal: it is an AbortSignal`);
}

function checkBoolean(option: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  throw new TypeError(`Cannot use ${nameOf(value)} as ${option}: it is true or false`);
}

/** What a chunk is of an end of this type, once options are refused that mean nothing for it. */
export function kindOf(type: SocketType, { framing, chunks }: SocketEndOptions): ChunkKind {
  if (framing !== undefined && type !== "stream") {
    throw new TypeError(`Cannot use framing on type "${type}": it has records of its own`);
  }
  const hasRecords = type !== "stream" || framing !== undefined;
  if (chunks === undefined) return hasRecords ? "records" : "bytes";
  if (chunks === "bytes" && hasRecords) {
    throw new TypeError(`Cannot use chunks "bytes" on type "${type}"${framing ? " with framing" : ""}: it has records`);
  }
  if ((chunks === "records" || chunks === "batches") && !hasRecords) {
    throw new TypeError(`Cannot use chunks "${chunks}" on type "stream": it has no records without framing`);
  }
  return chunks;
}

/** Refuses what is not one of some names. */
export function checkName(option: string, value: unknown, names: readonly string[]): void {
  if (value === undefined || names.includes(value as string)) return;
  throw new TypeError(`Cannot use ${shown(value)} as ${option}: it is one of ${names.join(", ")}`);
}

function shown(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : nameOf(value);
}

/** Refuses what is not an integer in a range. */
export function checkInteger(option: string, value: unknown, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value as number >= least && value as number <= most)) return;
  if (typeof value !== "number") {
    throw new TypeError(`Cannot use ${nameOf(value)} as ${option}: it is an integer from ${least} to ${most}`);
  }
  throw new RangeError(`Cannot use ${option} ${value}: it is an integer from ${least} to ${most}`);
}
