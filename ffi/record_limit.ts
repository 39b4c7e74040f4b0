import type { Socket } from "./socket.ts";
import { SocketError } from "./errors.ts";
import { LARGEST_RECORD, RECORD_OVERHEAD } from "./systems/linux.ts";

/** Whether a failure to send a record of `size` bytes is due to its size. */
export function isTooLarge(error: unknown, size: number): boolean {
  if (!(error instanceof SocketError)) return false;
  return error.code === "EMSGSIZE" || (error.code === "ENOBUFS" && size > LARGEST_RECORD);
}

/**
 * Raises SO_SNDBUF so that a record of `size` bytes fits, as far as the system allows.
 *
 * @returns The limit that there is then
 */
export function raiseRecordLimit(socket: Socket, size: number): number {
  const needed = size + RECORD_OVERHEAD;
  // The kernel doubles what it is given.
  if (socket.sendBufferSize < needed) {
    socket.setBufferSizes(Math.min(Math.ceil(needed / 2), 2 ** 30), undefined);
  }
  return Math.min(socket.sendBufferSize - RECORD_OVERHEAD, LARGEST_RECORD);
}
