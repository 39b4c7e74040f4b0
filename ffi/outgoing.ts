/**
 * Where bytes lie that the kernel is to send: in their own memory, or copied into the arena.
 *
 * @module
 */

import { type Arena, SCRATCH_SIZE } from "./arena.ts";
import { SLOTS } from "./slots.ts";
import { IOV_MAX } from "./systems/linux.ts";

/**
 * Up to so many bytes, a copy costs less than asking the runtime for the address. A small view has no lasting address at all:
 * the garbage collector may move it.
 */
const COPY_MAX = 4096;

/** Whether the kernel may use the view's own memory: large, and of a kind that neither moves nor changes size. */
export function lendable(view: Uint8Array): boolean {
  if (view.byteLength <= COPY_MAX) return false;
  const { buffer } = view;
  // `resizable` is there in every realm; shared memory has `growable` in its place.
  return (buffer as ArrayBuffer).resizable === false;
}

/** The address of bytes for the call that follows: their own, or that of a copy of the first 8 MiB of them. */
export function outgoing(arena: Arena, bytes: Uint8Array): number {
  if (lendable(bytes)) return arena.libc.lend(bytes);
  arena.sendScratch.set(bytes.byteLength <= SCRATCH_SIZE ? bytes : bytes.subarray(0, SCRATCH_SIZE));
  return arena.sendScratchAddress;
}

/** How many of these bytes lie at the address that {@linkcode outgoing} gives. */
export function outgoingLength(bytes: Uint8Array): number {
  return lendable(bytes) ? bytes.byteLength : Math.min(bytes.byteLength, SCRATCH_SIZE);
}

/** Points the send header at several parts. Returns how many entries of its vector they take. */
export function gather(arena: Arena, parts: readonly Uint8Array[]): number {
  let copied = 0;
  let count = 0;
  let open = false;
  for (const part of parts) {
    if (part.byteLength === 0) continue;
    // Copies of neighbouring parts share an entry. In the last entry everything is copied.
    if (lendable(part) && count < IOV_MAX - 1) {
      arena.sendVector(count++, arena.libc.lend(part), part.byteLength);
      open = false;
      continue;
    }
    const length = Math.min(part.byteLength, SCRATCH_SIZE - copied);
    arena.sendScratch.set(length === part.byteLength ? part : part.subarray(0, length), copied);
    if (open) arena.extendSendVector(count - 1, length);
    else arena.sendVector(count++, arena.sendScratchAddress + copied, length);
    copied += length;
    open = count === IOV_MAX || !lendable(part);
    if (length < part.byteLength) break;
  }
  // Send an empty message with one empty entry: with none, QEMU user mode reports success and sends nothing.
  if (count === 0) arena.sendVector(count++, arena.sendScratchAddress, 0);
  arena.sendVectorLength(count);
  return count;
}

/** Points the arena's slots at records of one part each, from `begin` on. Returns how many go into one call. */
export function gatherMany(arena: Arena, records: readonly Uint8Array[], begin: number): number {
  const { slots, sendScratch, sendScratchAddress } = arena;
  const most = Math.min(SLOTS, records.length - begin);
  let copied = 0;
  for (let index = 0; index < most; index += 1) {
    const record = records[begin + index]!;
    const { byteLength } = record;
    if (lendable(record)) {
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
