/** `struct msghdr` in the fake's memory, read and written as a 64-bit Linux kernel does. */

import { CONSTANTS, ERRNO } from "../../ffi/systems/linux.ts";
import type { FakeFile } from "./_kernel.ts";
import type { FakeMemory } from "./_memory.ts";
import type { Received } from "./_packet.ts";
import { joined } from "../_joined.ts";

/** Written out here once more, from recvmsg(2) and socket(7): a second opinion on ffi/systems/linux.ts. */
const HEADER = { size: 56, iov: 16, iovlen: 24, control: 32, controllen: 40, flags: 48 };
const CMSG = 16;
const CMSG_TIMESTAMP = 32;
const SCM_TIMESTAMP = 29;
const SCM_RIGHTS = 1;
const SOL_SOCKET = 1;

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

/** The descriptors that a header's control messages carry. */
export function readDescriptors(memory: FakeMemory, address: number): number[] {
  const view = header(memory, address)!;
  const bytes = memory.bytes(long(view, HEADER.control), long(view, HEADER.controllen));
  if (bytes === undefined) return [];
  const control = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fds: number[] = [];
  for (let offset = 0; offset + CMSG <= control.byteLength;) {
    const length = long(control, offset);
    if (control.getInt32(offset + 12, true) === SCM_RIGHTS) {
      for (let at = offset + CMSG; at < offset + length; at += 4) fds.push(control.getInt32(at, true));
    }
    offset += Math.ceil(length / 8) * 8;
  }
  return fds;
}

/** Fills in what was received. Returns what the call returns. */
export function writeReceived(
  memory: FakeMemory,
  address: number,
  parts: readonly Uint8Array[],
  { bytes, length, stamped, files }: Received,
  asked: number,
  host: { install(file: FakeFile): number; drop(file: FakeFile): void },
): number {
  let offset = 0;
  for (const part of parts) {
    part.set(bytes.subarray(offset, offset + part.byteLength));
    offset += Math.min(part.byteLength, bytes.byteLength - offset);
  }
  const view = header(memory, address)!;
  let flags = asked & CONSTANTS.MSG_CMSG_CLOEXEC;
  if (length > bytes.byteLength) flags |= CONSTANTS.MSG_TRUNC;
  const room = memory.bytes(long(view, HEADER.control), long(view, HEADER.controllen));
  const control = new DataView(room?.buffer ?? new ArrayBuffer(0), room?.byteOffset, room?.byteLength);
  let used = 0;
  const put = (type: number, size: number): number => {
    control.setBigUint64(used, BigInt(CMSG + size), true);
    control.setInt32(used + 8, SOL_SOCKET, true);
    control.setInt32(used + 12, type, true);
    used += CMSG + Math.ceil(size / 8) * 8;
    return used - Math.ceil(size / 8) * 8;
  };
  if (stamped && control.byteLength >= CMSG_TIMESTAMP) put(SCM_TIMESTAMP, CMSG_TIMESTAMP - CMSG);
  else if (stamped) flags |= CONSTANTS.MSG_CTRUNC;
  if (files.length > 0 && control.byteLength - used >= CMSG + 4 * files.length) {
    const begin = put(SCM_RIGHTS, 4 * files.length);
    files.forEach((file, index) => control.setInt32(begin + 4 * index, host.install(file), true));
  } else if (files.length > 0) {
    flags |= CONSTANTS.MSG_CTRUNC;
    for (const file of files) host.drop(file);
  }
  view.setBigUint64(HEADER.controllen, BigInt(used), true);
  view.setInt32(HEADER.flags, flags, true);
  return (asked & CONSTANTS.MSG_TRUNC) !== 0 ? length : bytes.byteLength;
}
