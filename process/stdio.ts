import type { AnyEnd } from "../streams/socket_end.ts";

/** What has a descriptor, and stays its owner: a received descriptor, a FileHandle of `node:fs/promises`. */
export interface WithDescriptor {
  /** The descriptor's number. */
  readonly fd: number;
}

/**
 * What can be one of a program's descriptors: an end of ours, an object with a descriptor, or what `node:child_process` takes: a
 * descriptor's number, a stream that has one, or a word. Without a value it is `"pipe"` for descriptors 0 to 2 and `"ignore"`
 * above. `"overlapped"` is `"pipe"` here: it differs on Windows.
 */
export type Stdio =
  | AnyEnd
  | WithDescriptor
  | "pipe"
  | "overlapped"
  | "ignore"
  | "inherit"
  | "ipc"
  | number
  | object
  | null
  | undefined;

/**
 * What can be at one end of a pipeline: an end of ours, an object with a descriptor, this process's own descriptor, /dev/null, or
 * a descriptor's number.
 */
export type PipelineStdio = AnyEnd | WithDescriptor | "inherit" | "ignore" | number;
