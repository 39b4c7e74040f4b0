import type { ChildProcess } from "./child_process.ts";

/** As much of `node:child_process` as is used here. */
interface NodeChildProcess {
  spawn(program: string, args: readonly string[], options: object): ChildProcess;
}

/** As much of an event emitter as is used here. */
type Emitter = Pick<ChildProcess, "on" | "once" | "off"> & {
  emit(name: string, ...values: unknown[]): boolean;
};

interface WithProcess {
  readonly process: {
    readonly env: Readonly<Record<string, string | undefined>>;
    getBuiltinModule(name: string): unknown;
  };
}

function nodeProcess(): WithProcess["process"] {
  return (globalThis as unknown as WithProcess).process;
}

/** This process's environment. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return nodeProcess().env;
}

/** The runtime's own `spawn()`. */
export function nodeSpawn(program: string, args: readonly string[], options: object): ChildProcess {
  return (nodeProcess().getBuiltinModule("node:child_process") as NodeChildProcess).spawn(program, args, options);
}

/** An emitter of events as a child process is one. */
export function emitter(): Emitter {
  const { EventEmitter } = nodeProcess().getBuiltinModule("node:events") as { EventEmitter: new () => Emitter };
  return new EventEmitter();
}
