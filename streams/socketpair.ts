import { Descriptor } from "../ffi/descriptor.ts";
import type { SocketType } from "../ffi/socket_type.ts";
import { CONSTANTS } from "../ffi/systems/linux.ts";
import type { Chunk } from "./chunk.ts";
import { checkInteger, checkMode, checkOptions } from "./_options.ts";
import type { Message, ReceivedMessage } from "./message.ts";
import { type Bytes, endReceiving, type SocketEnd, wrapDescriptor } from "./socket_end.ts";
import type { SocketEndOptions } from "./socket_end_options.ts";

/** What kind of pair {@linkcode socketpair} makes, and how its ends behave. */
export interface SocketPairOptions extends SocketEndOptions {
  /** The kind of socket. Default: `"stream"`. */
  readonly type?: SocketType;
  /** The protocol, 0 (the default) or PF_UNIX. */
  readonly protocol?: number;
  /**
   * SO_SNDBUF of both ends in bytes. The kernel doubles it, and bounds it by `net.core.wmem_max`. Default there: 212,992. It is
   * where writes begin to wait, not the most that is under way: see {@linkcode socketpair}.
   */
  readonly sendBufferSize?: number;
  /** SO_RCVBUF of both ends in bytes. Linux does not use it for AF_UNIX: what is under way counts against the sender. */
  readonly receiveBufferSize?: number;
}

/**
 * Two connected ends. Disposing the pair closes both. For TypeScript it is more than a tuple, and so cannot be spread into the
 * arguments of a function that takes two ends: `const [left, right] = pair` first.
 */
export type SocketPair<Received = Bytes, Sent = Chunk> =
  & readonly [SocketEnd<Received, Sent>, SocketEnd<Received, Sent>]
  & Disposable
  & AsyncDisposable;

const TYPES: readonly string[] = ["stream", "dgram", "seqpacket"] satisfies SocketType[];

/**
 * Makes a pair of connected AF_UNIX sockets.
 *
 * - What is written to one end can be read from the other, in both directions.
 * - `"stream"` is bytes without boundaries; `"seqpacket"` is records, kept whole and in order, empty ones included;
 *   `"dgram"` is records too, but the peer's end is never noticed.
 * - Writes wait once SO_SNDBUF bytes are under way in their direction, as the kernel counts: some 768 more for each record.
 *   While any room is left it takes one more record whole, so there may be nearly twice as many (two records of 200,000 bytes
 *   by default); of a `"stream"` it takes a piece of some 36 KiB at most.
 * - The descriptors are close-on-exec.
 *
 * @param options The kind of pair, and how its ends behave
 * @returns Both ends, as a tuple that is disposable as a whole
 * @throws {SocketError} EMFILE, ENFILE, ENOBUFS, ENOMEM or EPROTONOSUPPORT; no descriptor is open then
 * @throws {TypeError} If the type is unknown
 * @throws {RangeError} If a number is out of range
 *
 * @example Records keep their boundaries
 * ```ts
 * import { socketpair } from "@socketpair/streams";
 *
 * await using pair = socketpair({ type: "seqpacket" });
 * const [left, right] = pair;
 * const writer = left.writable.getWriter();
 * await writer.write(new TextEncoder().encode("one record"));
 * await writer.close();
 * for await (const record of right.readable) console.log(new TextDecoder().decode(record));
 * ```
 *
 * @see {@link https://man7.org/linux/man-pages/man2/socketpair.2.html | socketpair(2)},
 * {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export function socketpair(
  options: SocketPairOptions & { readonly ancillary: true },
): SocketPair<ReceivedMessage, Message>;
/** As above, with several records a chunk. */
export function socketpair(
  options: SocketPairOptions & { readonly batches: true },
): SocketPair<Bytes[], readonly Chunk[]>;
/** As above, with one record a chunk, or bytes. */
export function socketpair(options?: SocketPairOptions): SocketPair;
export function socketpair(options: SocketPairOptions = {}): SocketPair<never, never> {
  const { type = "stream", protocol = 0, sendBufferSize, receiveBufferSize } = options;
  if (!TYPES.includes(type)) {
    throw new TypeError(`Cannot create a socket pair of type "${String(type)}": it is one of ${TYPES.join(", ")}`);
  }
  checkInteger("sendBufferSize", sendBufferSize, 1, 2 ** 30);
  checkInteger("receiveBufferSize", receiveBufferSize, 1, 2 ** 30);
  checkInteger("protocol", protocol, -(2 ** 31), 2 ** 31 - 1);
  checkOptions(options);
  checkMode(type, options);
  const [first, second] = Descriptor.pair(type, protocol);
  try {
    for (const descriptor of [first, second]) {
      if (sendBufferSize !== undefined) descriptor.setOption(CONSTANTS.SO_SNDBUF, sendBufferSize);
      if (receiveBufferSize !== undefined) descriptor.setOption(CONSTANTS.SO_RCVBUF, receiveBufferSize);
    }
    return pairOf(wrapDescriptor(first, options), wrapDescriptor(second, options));
  } catch (error) {
    first.close();
    second.close();
    throw error;
  }
}

function pairOf(left: SocketEnd<never, never>, right: SocketEnd<never, never>): SocketPair<never, never> {
  const ends = [left, right] as const;
  const dispose = (): void => {
    // What either has not read is no news to the other.
    ends.forEach(endReceiving);
    for (const end of ends) end[Symbol.dispose]();
  };
  return Object.assign(ends, {
    [Symbol.dispose]: dispose,
    // With both ends closing nobody is left to read: what is under way must not be waited for. An end that has another
    // owner by now may still be read there.
    async [Symbol.asyncDispose](): Promise<void> {
      if (ends.every((end) => end.fd !== -1)) dispose();
      await Promise.all(ends.map((end) => end[Symbol.asyncDispose]()));
    },
  });
}
