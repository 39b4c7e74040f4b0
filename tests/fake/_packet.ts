import type { FakeFile } from "./_kernel.ts";
import type { FakeSocket } from "./_socket.ts";

/** What lies in a queue, and what it counts against its sender's SO_SNDBUF until it is taken out. */
export interface Packet {
  bytes: Uint8Array<ArrayBuffer>;
  readonly cost: number;
  readonly sender: FakeSocket;
  /** What was sent by SCM_RIGHTS. */
  files: readonly FakeFile[];
}

/** What `recvmsg` found: the true length of a record, as much of it as there was room for, whether it has a timestamp, and what was sent along. */
export interface Received {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly length: number;
  readonly stamped: boolean;
  readonly files: readonly FakeFile[];
}

/** Nothing more will come. */
export const END: Received = { bytes: new Uint8Array(0), length: 0, stamped: false, files: [] };

/**
 * What Linux charges for a packet: its head rounded up to a power of two, up to 17 pages beyond `headMax`, and the
 * `sk_buff` itself (alloc_skb_with_frags in net/core/skbuff.c).
 */
export function costOf(size: number, headMax: number): number {
  const pages = Math.min(Math.ceil(Math.max(0, size - headMax) / 4096), 17) * 4096;
  const head = 2 ** Math.ceil(Math.log2(Math.max(0, size - pages) + 320));
  return 256 + head + pages;
}
