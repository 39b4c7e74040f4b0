/**
 * Where bytes lie that the kernel is to send: in their own memory, or copied into the arena.
 *
 * @module
 */

import { type Arena, SCRATCH_SIZE } from "./arena.ts";
import { SLOTS } from "./slots.ts";
import { IOV_MAX } from "./systems/linux.ts";
import { byteLengthOf, isFixed } from "./views.ts";

/**
 * Up to so many bytes, a copy costs less than asking the runtime for the address. A small view has no lasting address at all:
 * the garbage collector may move it.
 */
const COPY_MAX = 4096;

/**
 * Whether the kernel may use the view's own memory: large, and of a kind that neither moves nor changes size.
 *
 * @param length The length of the view, asked for once: that of shared memory may grow at any time
 */
export function lendable(view: Uint8Array, length: number): boolean {
  return length > COPY_MAX && isFixed(view);
}

/** The address of bytes for the call that follows: their own, or that of a copy of the first 8 MiB of them. */
export function outgoing(arena: Arena, bytes: Uint8Array, lends: boolean, length: number): number {
  if (lends) return arena.libc.lend(bytes);
  arena.sendScratch.set(length <= SCRATCH_SIZE ? bytes : bytes.subarray(0, SCRATCH_SIZE));
  return arena.sendScratchAddress;
}

/** How many of these bytes lie at the address that {@linkcode outgoing} gives. */
export function outgoingLength(lends: boolean, length: number): number {
  return lends ? length : Math.min(length, SCRATCH_SIZE);
}

/** Points the send header at several parts. */
export function gather(arena: Arena, parts: readonly Uint8Array[]): void {
  let copied = 0;
  let count = 0;
  let open = false;
  for (const part of parts) {
    const byteLength = byteLengthOf(part);
    if (byteLength === 0) continue;
    const lends = lendable(part, byteLength);
    // Copies of neighbouring parts share an entry. In the last entry everything is copied.
    if (lends && count < IOV_MAX - 1) {
      arena.sendVector(count++, arena.libc.lend(part), byteLength);
      open = false;
      continue;
    }
    const length = Math.min(byteLength, SCRATCH_SIZE - copied);
    arena.sendScratch.set(length === byteLength ? part : part.subarray(0, length), copied);
    if (open) arena.extendSendVector(count - 1, length);
    else arena.sendVector(count++, arena.sendScratchAddress + copied, length);
    copied += length;
    open = count === IOV_MAX || !lends;
    if (length < byteLength) break;
  }
  // Send an empty message with one empty entry: with none, QEMU user mode reports success and sends nothing.
  if (count === 0) arena.sendVector(count++, arena.sendScratchAddress, 0);
  arena.sendVectorLength(count);
}

/** Points the arena's slots at records of one part each, from `begin` on. Returns how many go into one call. */
export function gatherMany(arena: Arena, records: readonly Uint8Array[], begin: number): number {
  const { slots, sendScratch, sendScratchAddress } = arena;
  const most = Math.min(SLOTS, records.length - begin);
  let copied = 0;
  for (let index = 0; index < most; index += 1) {
    const record = records[begin + index]!;
    const byteLength = byteLengthOf(record);
    if (lendable(record, byteLength)) {
      slots.point(index, arena.libc.lend(record), byteLength);
      continue;
    }
    if (copied + byteLength > SCRATCH_SIZE) return index;
    sendScratch.set(record, copied);
    slots.point(index, sendScratchAddress + copied, byteLength);
    copied += byteLength;
  }
  return most;
}
