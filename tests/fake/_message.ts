/** `struct msghdr` in the fake's memory, read and written as a 64-bit Linux kernel does. */

import { CONSTANTS, ERRNO } from "../../ffi/systems/linux.ts";
import type { FakeMemory } from "./_memory.ts";
import type { Received } from "./_packet.ts";
import { joined } from "../_joined.ts";

/** Written out here once more, from recvmsg(2) and socket(7): a second opinion on ffi/systems/linux.ts. */
const HEADER = { size: 56, iov: 16, iovlen: 24, control: 32, controllen: 40, flags: 48 };
const CMSG_TIMESTAMP = 32;

function header(memory: FakeMemory, address: number): DataView | undefined {
  const bytes = memory.bytes(address, HEADER.size);
  return bytes && new DataView(bytes.buffer, bytes.byteOffset, HEADER.size);
}

function long(view: DataView, offset: number): number {
  return Number(view.getBigUint64(offset, true));
}

/** The buffers that a header points at, or an errno as a negative number. */
export function readVector(memory: FakeMemory, address: number): Uint8Array[] | number {
  const view = header(memory, address);
  if (view === undefined) return -ERRNO.EFAULT;
  const count = long(view, HEADER.iovlen);
  if (count > 1024) return -ERRNO.EMSGSIZE;
  const parts: Uint8Array[] = [];
  for (let index = 0; index < count; index += 1) {
    const iov = memory.bytes(long(view, HEADER.iov) + index * 16, 16);
    if (iov === undefined) return -ERRNO.EFAULT;
    const entry = new DataView(iov.buffer, iov.byteOffset, 16);
    const part = memory.bytes(long(entry, 0), long(entry, 8));
    if (part === undefined && long(entry, 8) > 0) return -ERRNO.EFAULT;
    if (part !== undefined) parts.push(part);
  }
  return parts;
}

/** What a header says is to be sent, or an errno as a negative number. */
export function readMessage(memory: FakeMemory, address: number): Uint8Array | number {
  const parts = readVector(memory, address);
  return typeof parts === "number" ? parts : joined(parts);
}

/** Fills in what was received. Returns what the call returns. */
export function writeReceived(
  memory: FakeMemory,
  address: number,
  parts: readonly Uint8Array[],
  { bytes, length, stamped }: Received,
  asked: number,
): number {
  let offset = 0;
  for (const part of parts) {
    part.set(bytes.subarray(offset, offset + part.byteLength));
    offset += Math.min(part.byteLength, bytes.byteLength - offset);
  }
  const view = header(memory, address)!;
  let flags = asked & CONSTANTS.MSG_CMSG_CLOEXEC;
  if (length > bytes.byteLength) flags |= CONSTANTS.MSG_TRUNC;
  const control = stamped ? memory.bytes(long(view, HEADER.control), CMSG_TIMESTAMP) : undefined;
  const fits = control !== undefined && long(view, HEADER.controllen) >= CMSG_TIMESTAMP;
  if (stamped && !fits) flags |= CONSTANTS.MSG_CTRUNC;
  if (fits) new DataView(control.buffer, control.byteOffset).setBigUint64(0, BigInt(CMSG_TIMESTAMP), true);
  view.setBigUint64(HEADER.controllen, fits ? BigInt(CMSG_TIMESTAMP) : 0n, true);
  view.setInt32(HEADER.flags, flags, true);
  return (asked & CONSTANTS.MSG_TRUNC) !== 0 ? length : bytes.byteLength;
}
