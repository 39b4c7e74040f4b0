import type { ChildProcess } from "./child_process.ts";
import { emitter } from "./_node.ts";

/**
 * Whether the system has refused something: errors of the runtimes' own have codes as `"ERR_INVALID_ARG_TYPE"`. Not by
 * `instanceof`: where Jest runs this module, the runtime's errors are of another realm.
 */
export function isSystemError(error: unknown): error is Error {
  return typeof error === "object" && error !== null && "code" in error && /^E[A-Z0-9]+$/.test(String(error.code));
}

/** A child that could not be started, where the runtime gives none: its `error` event comes as that of any other. */
export function unstarted(error: Error, program: string, args: readonly string[], descriptors: number): ChildProcess {
  const child = Object.assign(emitter(), {
    pid: undefined,
    spawnfile: program,
    spawnargs: [program, ...args],
    stdio: Array.from({ length: descriptors }, () => null),
    connected: false,
    send: () => false,
    disconnect: () => {},
    stdin: null,
    stdout: null,
    stderr: null,
    exitCode: null,
    signalCode: null,
    killed: false,
    kill: () => false,
    ref: () => {},
    unref: () => {},
  });
  queueMicrotask(() => {
    child.emit("error", error);
    child.emit("close", null, null);
  });
  return child;
}
