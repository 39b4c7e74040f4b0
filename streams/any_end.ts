import type { SocketType } from "../ffi/socket_type.ts";
import type { Chunk } from "./chunk.ts";
import type { TransferToken } from "./token.ts";

/** Any `SocketEnd`, whatever its chunks are: what all of them have in common. */
export interface AnyEnd extends Disposable, AsyncDisposable {
  /** What arrives. */
  readonly readable: ReadableStream<unknown>;
  /** What is sent. */
  readonly writable: WritableStream<never>;
  /** Resolves when the descriptor is closed or handed on. */
  readonly closed: Promise<void>;
  /** Resolves when the peer's last descriptor is closed. */
  readonly peerClosed: Promise<void>;
  /** The kind of socket. */
  readonly type: SocketType;
  /** The descriptor's number. Reading it counts as telling it. */
  readonly fd: number;
  /** Reads into a buffer. */
  read(
    buffer: ArrayBufferView | ArrayBufferLike,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<number | null>;
  /** Writes bytes, or one record. */
  write(chunk: Chunk, options?: { signal?: AbortSignal | undefined }): Promise<number>;
  /** Waits until the kernel has all that was written before. */
  flush(): Promise<void>;
  /** Closes both directions and the descriptor. */
  close(reason?: unknown): Promise<void>;
  /** Ends the sending direction when what was written is sent. */
  closeWrite(): Promise<void>;
  /** Gives the descriptor up, with what was received and not read. */
  detach(): { readonly fd: number; readonly unread: unknown[] };
  /** Gives the end up to another thread. */
  transfer(): TransferToken;
  /** Lets a pending read or write keep the process alive again. */
  ref(): void;
  /** Lets the process exit although a read or write is pending. */
  unref(): void;
}
