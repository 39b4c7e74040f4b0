import { Socket } from "../ffi/socket.ts";
import { connectionsOf } from "./connections.ts";
import { type ChunkKind, type ChunksOption, type SocketPairOptions, takePairOptions } from "./options.ts";
import { type EndOf, endOf } from "./socket_end.ts";

/**
 * Two connected ends. Disposing the pair closes both. For TypeScript it is more than a tuple, and so cannot be spread into the
 * arguments of a function that takes two ends: `const [left, right] = pair` first.
 */
export type SocketPair<Kind extends ChunkKind | undefined = undefined> =
  & readonly [EndOf<Kind>, EndOf<Kind>]
  & Disposable
  & AsyncDisposable;

/**
 * Makes a pair of connected AF_UNIX sockets.
 *
 * - What is written to one end can be read from the other, in both directions.
 * - `"stream"` is bytes without boundaries; `"seqpacket"` is records, kept whole and in order, empty ones included;
 *   `"dgram"` is records too, but without EOF. There a write that fails with ECONNREFUSED, because the peer is gone, throws
 *   away the records that had arrived and were not read: read them first.
 * - Writes wait once SO_SNDBUF bytes are under way in their direction, as the kernel counts: some 768 more for each record.
 *   While any room is left the kernel takes one more record whole, so nearly twice as many may be under way (two records of
 *   200,000 bytes by default). Of a `"stream"` it takes a piece of some 36 KiB at most.
 * - `chunks` decides the type of the chunks. If the compiler knows the options only as {@linkcode SocketPairOptions}, the type of
 *   an end is a union of all kinds.
 * - The descriptors are close-on-exec.
 *
 * @param options The kind of pair, and how its ends behave
 * @returns Both ends, as a tuple that is disposable as a whole
 * @throws {SocketError} EMFILE, ENFILE, ENOBUFS, ENOMEM or EPROTONOSUPPORT; no descriptor is open then
 * @throws {TypeError} If an option is unknown, is of a wrong kind, or does nothing in its combination
 * @throws {RangeError} If a number is out of range
 *
 * @example Records keep their boundaries
 * ```ts
 * import { socketpair } from "@socketpair/streams";
 *
 * await using pair = socketpair({ type: "seqpacket" });
 * const [left, right] = pair;
 * await left.write(new TextEncoder().encode("one record"));
 * await left.closeWrite();
 * for await (const record of right.readable) console.log(new TextDecoder().decode(record));
 * ```
 *
 * @see {@link https://man7.org/linux/man-pages/man2/socketpair.2.html | socketpair(2)},
 * {@link https://man7.org/linux/man-pages/man7/unix.7.html | unix(7)}
 */
export function socketpair<Kind extends ChunkKind | undefined = undefined>(
  options?: SocketPairOptions & ChunksOption<Kind>,
): SocketPair<Kind>;
export function socketpair(given: SocketPairOptions = {}): unknown {
  const { type, protocol, options } = takePairOptions(given);
  const connections = connectionsOf(Socket.pair(type, protocol, options), type, options);
  const ends = connections.map((connection) => endOf(connection));
  const dispose = (): void => {
    for (const end of ends) end[Symbol.dispose]();
  };
  return Object.assign(ends, {
    [Symbol.dispose]: dispose,
    async [Symbol.asyncDispose](): Promise<void> {
      // If both ends are still open, no other end can read what is left, so both are closed at once.
      if (connections.every(({ isOpen }) => isOpen)) dispose();
      await Promise.all(ends.map((end) => end[Symbol.asyncDispose]()));
    },
  });
}
