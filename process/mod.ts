/**
 * Programs on the other end: `spawn()` gives a program ends as its descriptors (the numbers of its open files), `pipeline()` joins
 * programs in a row by pipes, `duplex()` joins two both ways by a socket pair.
 *
 * ```ts
 * import { socketpair } from "@socketpair/streams";
 * import { spawn } from "@socketpair/streams/process";
 *
 * const [ours, theirs] = socketpair();
 * spawn("tr", ["a-z", "A-Z"], { stdio: [theirs, theirs, "inherit"] });
 * await ours.write(new TextEncoder().encode("hello"));
 * await ours.closeWrite(); // it reads EOF
 * for await (const bytes of ours.readable) console.log(new TextDecoder().decode(bytes)); // HELLO
 * ```
 *
 * ```ts
 * import { pipeline } from "@socketpair/streams/process";
 *
 * const { stdin, stdout, statuses } = pipeline(["sort"], ["head", "-n", "1"], { stdin: "pipe", stdout: "pipe" });
 * await stdin.write(new TextEncoder().encode("b\na\n"));
 * await stdin.closeWrite();
 * for await (const bytes of stdout.readable) console.log(new TextDecoder().decode(bytes).trim()); // a
 * console.log((await statuses).map(({ ok }) => ok)); // [ true, true ]
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
