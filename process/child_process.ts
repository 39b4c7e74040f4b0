/**
 * A child process as `node:child_process` makes it in all three runtimes, as far as its users need it.
 *
 * These types are the module's own, so that it can be checked without `@types/node`. Where a function wants Node's type, which
 * has more to it, say so: `child as import("node:child_process").ChildProcess`.
 *
 * @module
 */

/** What a child process tells, and with which values. */
export interface ChildEvents {
  /** The program runs. */
  spawn: [];
  /** The program could not be started, or `signal` has ended it. */
  error: [error: ChildError];
  /** The program has ended: its exit code, or the signal that ended it. */
  exit: [code: number | null, signal: string | null];
  /** The program has ended, and its pipes are closed. */
  close: [code: number | null, signal: string | null];
  /** It has sent a message by `"ipc"`. */
  message: [message: unknown];
  /** The channel of `"ipc"` is closed. */
  disconnect: [];
}

/** Why a program could not be started. */
export interface ChildError extends Error {
  /** The error's name in C, as `"ENOENT"`. */
  readonly code?: string;
}

/** A program that runs, or could not be started. */
export interface ChildProcess {
  /** Its process id; undefined if it could not be started. */
  readonly pid?: number | undefined;
  /** What writes to its standard input, if that is a pipe. */
  readonly stdin: ChildInput | null;
  /** What reads its standard output, if that is a pipe. */
  readonly stdout: ChildOutput | null;
  /** What reads its standard error, if that is a pipe. */
  readonly stderr: ChildOutput | null;
  /** Its exit code; null while it runs, and if a signal ended it. */
  readonly exitCode: number | null;
  /** The signal that ended it, as `"SIGTERM"`. */
  readonly signalCode: string | null;
  /** Whether {@linkcode ChildProcess.kill} has sent a signal. */
  readonly killed: boolean;
  /** Sends a signal: SIGTERM unless another is given. Returns whether it was sent. */
  kill(signal?: string | number): boolean;
  /** Keeps this process alive while the child runs, which is the default. */
  ref(): void;
  /** Lets this process exit while the child runs. */
  unref(): void;
  /** Calls the listener at every event of that name. */
  on<Name extends keyof ChildEvents>(name: Name, listener: (...values: ChildEvents[Name]) => void): this;
  /** Calls the listener at the next event of that name. */
  once<Name extends keyof ChildEvents>(name: Name, listener: (...values: ChildEvents[Name]) => void): this;
  /** Removes a listener. */
  off<Name extends keyof ChildEvents>(name: Name, listener: (...values: ChildEvents[Name]) => void): this;
}

/** A pipe to a child. */
export interface ChildInput {
  /** Writes. Returns false when more should wait for `"drain"`. */
  write(chunk: Uint8Array | string): boolean;
  /** Writes a last chunk, if one is given, and closes the pipe. */
  end(chunk?: Uint8Array | string): unknown;
  /** Closes the pipe at once. */
  destroy(error?: Error): unknown;
  /** Calls the listener when the pipe fails: EPIPE if the child stops reading before EOF. */
  on(name: "error", listener: (error: ChildError) => void): this;
  /** Calls the listener when there is room again, when all is written, or when the pipe is closed. */
  on(name: "drain" | "finish" | "close", listener: () => void): this;
}

/** A pipe from a child. */
export interface ChildOutput<Chunk = Uint8Array> {
  /** Gives text from here on. */
  setEncoding(encoding: "utf8" | "latin1" | "base64" | "hex"): ChildOutput<string>;
  /** Calls the listener with every chunk. */
  on(name: "data", listener: (chunk: Chunk) => void): this;
  /** Calls the listener when the pipe fails. */
  on(name: "error", listener: (error: ChildError) => void): this;
  /** Calls the listener at EOF, or when the pipe is closed. */
  on(name: "end" | "close", listener: () => void): this;
  /** Gives no chunk until {@linkcode ChildOutput.resume}. */
  pause(): unknown;
  /** Gives chunks again. Without a listener for `"data"` they are thrown away. */
  resume(): unknown;
  /** Closes the pipe at once. */
  destroy(error?: Error): unknown;
  /** Gives every chunk. */
  [Symbol.asyncIterator](): AsyncIterator<Chunk>;
}
