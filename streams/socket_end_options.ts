/** How an end behaves. */
export interface SocketEndOptions {
  /**
   * How much may be received before anybody asks for it, once somebody has asked at all: bytes for `"stream"`, records
   * otherwise. Default: 0.
   */
  readonly highWaterMark?: number;
  /** Whether the end goes on sending after the peer has ended its direction. Default: true. */
  readonly allowHalfOpen?: boolean;
  /** Closes the end at once when it is aborted, with the signal's reason as the error of both streams. */
  readonly signal?: AbortSignal;
  /**
   * Makes records of a `"stream"`: each goes behind its length, 4 bytes little-endian, and may be empty. Small records are
   * gathered into one call, until 64 KiB are full or the writer pauses: a write may resolve before the kernel has the
   * record. Records that arrived together share a buffer. Both ends must agree on it.
   */
  readonly framing?: "length-prefix";
  /** The most bytes in a record with `framing`, either way. Default: 67,108,864 (64 MiB). */
  readonly maxRecordSize?: number;
  /**
   * Makes chunks of several records, either way: a chunk is an array, each element of which is a record. One that is read has
   * at most 1,024 records, and none after those that make 1 MiB.
   */
  readonly batches?: boolean;
  /**
   * Makes chunks of messages, either way: a record, and the descriptors that go with it. Not together with `highWaterMark`,
   * `batches` or `framing`.
   */
  readonly ancillary?: boolean;
  /** Tells with each message who has sent it (SO_PASSCRED). Only with `ancillary`. */
  readonly credentials?: boolean;
  /**
   * For a socket that other ends own too, here or elsewhere. Each ends a direction for itself only: `shutdown` is never called,
   * so the peer reads to the end, or its writer fails, once all of them are closed. The socket options that receiving has set
   * stay. {@linkcode SocketEnd.duplicate} sets it.
   */
  readonly shared?: boolean;
  /**
   * For how many microseconds a call that would wait is tried again before the thread parks: a receipt some times at once,
   * which holds the thread for about 10 of them, then any call once in each turn of the event loop. It is done only while it
   * mostly succeeds, and never for an end whose peer lives in this thread. Default: 50; 0 for never.
   */
  readonly busyPoll?: number;
}

/** How an end behaves whose descriptor had another owner. */
export interface AdoptOptions extends SocketEndOptions {
  /** What the earlier owner had received and not read (see {@linkcode SocketEnd.detach}): it is read first. */
  readonly unread?: readonly unknown[];
}
