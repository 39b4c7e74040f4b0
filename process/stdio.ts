import type { AnyEnd } from "../streams/socket_end.ts";

/**
 * What can be one of a program's descriptors: an end of ours, or what `node:child_process` takes: a descriptor's number, a
 * stream that has one, or a word. Without a value it is `"pipe"` for descriptors 0 to 2 and `"ignore"` above.
 */
export type Stdio = AnyEnd | "pipe" | "ignore" | "inherit" | "ipc" | number | object | null | undefined;

/** What can be at one end of a pipeline: an end of ours, this process's own descriptor, /dev/null, or a descriptor's number. */
export type PipelineStdio = AnyEnd | "inherit" | "ignore" | number;
