/**
 * Programs on the other end: `spawn()` gives a program ends as its descriptors, `pipeline()` joins programs in a row by pipes,
 * `duplex()` joins two both ways by a socket pair.
 *
 * ```ts
 * import { socketpair } from "@socketpair/streams";
 * import { spawn } from "@socketpair/streams/process";
 *
 * const [ours, theirs] = socketpair();
 * spawn("tr", ["a-z", "A-Z"], { stdio: [theirs, theirs, "inherit"] });
 * const writer = ours.writable.getWriter();
 * await writer.write(new TextEncoder().encode("hello"));
 * await writer.close();
 * for await (const bytes of ours.readable) console.log(new TextDecoder().decode(bytes)); // HELLO
 * ```
 *
 * In Deno this entry needs `--allow-ffi`, `--allow-run` for the programs, and `--allow-env`, of which `NODE_V8_COVERAGE` is
 * enough where `env` is given. Node with `--permission` needs `--allow-ffi` and `--allow-child-process`.
 *
 * @module
 */

export type { ChildError, ChildEvents, ChildInput, ChildOutput, ChildProcess } from "./child_process.ts";
export { duplex } from "./duplex.ts";
export { type EndIfPipe, pipeline, type PipelineOf, type PipelineOptions } from "./pipeline.ts";
export type { Command, ExitStatus, Pipeline, ProgramsOptions } from "./programs.ts";
export { spawn, type SpawnOptions } from "./spawn.ts";
export type { PipelineStdio, Stdio, WithDescriptor } from "./stdio.ts";
