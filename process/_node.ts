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
    kill(pid: number, signal?: string | number): boolean;
  };
}

/** `globalThis.process`, which loads a large part of Node's modules in Deno: not before a program is started. */
function ownProcess(): WithProcess["process"] {
  return (globalThis as unknown as WithProcess).process;
}

/** This process's environment. */
export function ownEnvironment(): Readonly<Record<string, string | undefined>> {
  return ownProcess().env;
}

/** The runtime's own `spawn()`. */
export function nodeSpawn(program: string, args: readonly string[], options: object): ChildProcess {
  return (ownProcess().getBuiltinModule("node:child_process") as NodeChildProcess).spawn(program, args, options);
}

/** Sends a signal to a process, or to a process group by its negative number. Throws ESRCH if there is none. */
export function nodeKill(pid: number, signal: string | number | undefined): boolean {
  return ownProcess().kill(pid, signal);
}

/** An emitter of events as a child process is one. */
export function emitter(): Emitter {
  const { EventEmitter } = ownProcess().getBuiltinModule("node:events") as { EventEmitter: new () => Emitter };
  return new EventEmitter();
}
