import type { FakeSocket } from "./_socket.ts";

/** What lies in a queue, and what it counts against its sender's SO_SNDBUF until it is taken out. */
export interface Packet {
  bytes: Uint8Array<ArrayBuffer>;
  readonly cost: number;
  readonly sender: FakeSocket;
}

/** What `recvmsg` found: the true length of a record, as much of it as there was room for, whether it has a timestamp. */
export interface Received {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly length: number;
  readonly stamped: boolean;
}

/**
 * What Linux charges for a packet: its head rounded up to a power of two, up to 17 pages beyond `headMax`, and the
 * `sk_buff` itself (alloc_skb_with_frags in net/core/skbuff.c).
 */
export function costOf(size: number, headMax: number): number {
  const pages = Math.min(Math.ceil(Math.max(0, size - headMax) / 4096), 17) * 4096;
  const head = 2 ** Math.ceil(Math.log2(Math.max(0, size - pages) + 320));
  return 256 + head + pages;
}
