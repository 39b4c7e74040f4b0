interface WithProcess {
  readonly process: {
    readonly pid: number;
    readonly arch: string;
    /** Only under Node's `--permission`. */
    readonly permission?: { has(scope: string): boolean };
    readonly env: Record<string, string | undefined>;
    getBuiltinModule(name: string): unknown;
    on(event: "exit", listener: () => void): unknown;
  };
}

/** `globalThis.process`, which all three runtimes have; typed here so that no runtime's own types are needed. */
export function nodeProcess(): WithProcess["process"] {
  return (globalThis as unknown as WithProcess).process;
}

/**
 * A module of the runtime's own, synchronously: no top-level await and no dynamic import, so `require()` of this
 * module works, and an adapter can be loaded (not used) on the other runtimes.
 */
export function builtin<T>(name: string): T {
  return nodeProcess().getBuiltinModule(name) as T;
}
