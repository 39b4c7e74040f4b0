/**
 * The global types that the package's own declarations name, for a program that is checked without lib "dom", lib "webworker" and
 * `@types/node`. Where one of these declares a global, nothing is added to it here: the condition finds its constructor.
 */

/// <reference lib="esnext.disposable" />

export {};

type Unless<Name extends string, Type> = typeof globalThis extends { [Key in Name]: unknown } ? object : Type;

interface ReadOptions {
  min?: number;
}

interface PipeOptions {
  preventAbort?: boolean;
  preventCancel?: boolean;
  preventClose?: boolean;
  signal?: AbortSignal;
}

type Result<Value> = { done: false; value: Value } | { done: true; value: Value | undefined };

interface Reader {
  readonly closed: Promise<undefined>;
  cancel(reason?: unknown): Promise<void>;
  releaseLock(): void;
}

interface DefaultReader<R> extends Reader {
  read(): Promise<{ done: false; value: R } | { done: true; value: undefined }>;
}

interface BytesReader extends Reader {
  read<View extends ArrayBufferView>(view: View, options?: ReadOptions): Promise<Result<View>>;
}

interface Writer<W> {
  readonly closed: Promise<undefined>;
  readonly desiredSize: number | null;
  readonly ready: Promise<undefined>;
  abort(reason?: unknown): Promise<void>;
  close(): Promise<void>;
  releaseLock(): void;
  write(chunk?: W): Promise<void>;
}

interface Readable<R> {
  readonly locked: boolean;
  cancel(reason?: unknown): Promise<void>;
  getReader(options: { mode: "byob" }): BytesReader;
  getReader(options?: { mode?: undefined }): DefaultReader<R>;
  pipeThrough<T>(
    transform: { readable: ReadableStream<T>; writable: WritableStream<R> },
    options?: PipeOptions,
  ): ReadableStream<T>;
  pipeTo(destination: WritableStream<R>, options?: PipeOptions): Promise<void>;
  tee(): [ReadableStream<R>, ReadableStream<R>];
  values(options?: { preventCancel?: boolean }): AsyncIterableIterator<R>;
  [Symbol.asyncIterator](options?: { preventCancel?: boolean }): AsyncIterableIterator<R>;
}

interface Writable<W> {
  readonly locked: boolean;
  abort(reason?: unknown): Promise<void>;
  close(): Promise<void>;
  getWriter(): Writer<W>;
}

interface Signal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
}

interface Address {
  readonly href: string;
  toString(): string;
}

type NoneOrReadable<R> = Unless<"ReadableStream", Readable<R>>;
type NoneOrWritable<W> = Unless<"WritableStream", Writable<W>>;
type NoneOrSignal = Unless<"AbortSignal", Signal>;
type NoneOrAddress = Unless<"URL", Address>;

declare global {
  interface ReadableStream<R> extends NoneOrReadable<R> {}
  interface WritableStream<W> extends NoneOrWritable<W> {}
  interface AbortSignal extends NoneOrSignal {}
  interface URL extends NoneOrAddress {}
}
