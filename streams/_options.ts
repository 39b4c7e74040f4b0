import type { SocketType } from "../ffi/socket_type.ts";
import type { SocketEndOptions } from "./socket_end_options.ts";

/** Refuses options that mean nothing, before anything is opened. */
export function checkOptions(options: SocketEndOptions): void {
  const { highWaterMark, maxRecordSize, framing, ancillary, batches, credentials, busyPoll, signal } = options;
  checkInteger("highWaterMark", highWaterMark, 0, Number.MAX_SAFE_INTEGER);
  checkInteger("busyPoll", busyPoll, 0, 1_000_000);
  checkInteger("maxRecordSize", maxRecordSize, 0, 2 ** 32 - 1);
  if (framing !== undefined && framing !== "length-prefix") {
    throw new TypeError(`Cannot use framing "${String(framing)}": it is "length-prefix"`);
  }
  if (ancillary && (batches || framing !== undefined)) {
    throw new TypeError("Cannot use ancillary together with batches or framing: a chunk is one message");
  }
  if (ancillary && highWaterMark) {
    throw new TypeError(
      "Cannot use ancillary together with highWaterMark: descriptors received ahead would be stranded",
    );
  }
  if (credentials && !ancillary) {
    throw new TypeError("Cannot use credentials without ancillary: they come with messages");
  }
  signal?.throwIfAborted();
}

/** Refuses options that mean nothing for this type of socket. */
export function checkMode(type: SocketType, { framing, batches }: SocketEndOptions): void {
  if (framing !== undefined && type !== "stream") {
    throw new TypeError(`Cannot use framing on type "${type}": it has records of its own`);
  }
  if (batches && type === "stream" && framing === undefined) {
    throw new TypeError('Cannot use batches on type "stream": it has no records without framing');
  }
}

/** Refuses what is not an integer in a range. */
export function checkInteger(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw new RangeError(`Cannot use ${name} ${String(value)}: it is an integer from ${least} to ${most}`);
}
