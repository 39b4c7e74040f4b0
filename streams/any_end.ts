import type { SocketType } from "../ffi/socket_type.ts";

/** Any `SocketEnd`, whatever its chunks are. */
export interface AnyEnd extends Disposable, AsyncDisposable {
  /** What arrives. */
  readonly readable: ReadableStream<unknown>;
  /** What is sent. */
  readonly writable: WritableStream<never>;
  /** Resolves when the descriptor is closed or handed on. */
  readonly closed: Promise<void>;
  /** The kind of socket. */
  readonly type: SocketType;
  /** The descriptor's number. */
  readonly fd: number;
  /** Closes both directions and the descriptor. */
  close(reason?: unknown): Promise<void>;
}
