/**
 * As much of each runtime's API as is used here: a user needs no runtime's own types, and no two of them in one program. That the
 * official types fit these is checked by `tools/runtime_types/`.
 *
 * @module
 */

/** Deno's pointer object: opaque. */
export interface DenoPointer {
  readonly opaque: unique symbol;
}

/** One C function for `Deno.dlopen`. */
export interface DenoSignature {
  readonly name?: string;
  readonly parameters: readonly ("i32" | "usize" | "pointer" | "buffer")[];
  readonly result: "i32" | "usize" | "pointer";
  readonly nonblocking?: boolean;
}

/** `Deno` */
export interface DenoNamespace<Pointer = DenoPointer> {
  readonly pid: number;
  readonly build: { readonly arch: string; readonly os: string; readonly env?: string };
  readonly env: {
    get(name: string): string | undefined;
    set(name: string, value: string): void;
    delete(name: string): void;
  };
  readonly permissions: {
    querySync(
      descriptor: { name: "ffi" | "read"; path?: string } | { name: "env"; variable: string },
    ): { readonly state: string };
  };
  statSync(path: string): { readonly isFile: boolean };
  dlopen(path: string, symbols: Record<string, DenoSignature>): { readonly symbols: Readonly<Record<string, unknown>> };
  readonly UnsafePointerView: { getArrayBuffer(pointer: Pointer, length: number): ArrayBuffer };
}

/** One C function for `bun:ffi`. */
export interface BunSignature {
  readonly args: ("i32" | "ptr" | "usize")[];
  readonly returns: "i32" | "ptr";
}

/** `bun:ffi` */
export interface BunFfi {
  dlopen(path: string, symbols: Record<string, BunSignature>): { readonly symbols: Readonly<Record<string, unknown>> };
  ptr(view: Uint8Array): number;
  toArrayBuffer(address: number, offset: number, length: number): ArrayBuffer;
}

/** `Bun` */
export interface BunNamespace {
  nanoseconds(): number;
}

/** One C function for `node:ffi`. */
export interface NodeSignature {
  readonly arguments: readonly ("i32" | "u64" | "pointer")[];
  readonly return: "i32" | "pointer" | "void";
}

/** `node:ffi` */
export interface NodeFfi {
  dlopen(path: string | null, definitions: Readonly<Record<string, NodeSignature>>): {
    readonly lib: {
      registerCallback(
        signature: { readonly arguments: readonly ["u64", "i32", "i32"]; readonly return: "void" },
        callback: (handle: bigint, status: number, events: number) => void,
      ): bigint;
    };
    readonly functions: Readonly<Record<string, unknown>>;
  };
  toArrayBuffer(pointer: bigint, length: number, copy: boolean): ArrayBuffer;
  getRawPointer(bytes: Uint8Array): bigint;
  getCurrentEventLoop(): bigint;
}

/** `node:process`, which Bun and Deno have too. */
export interface NodeProcess {
  readonly pid: number;
  readonly arch: string;
  readonly platform: string;
  /** Only under Node's `--permission`. */
  readonly permission?: { has(scope: string): boolean } | undefined;
  readonly env: { [name: string]: string | undefined };
  getBuiltinModule?(name: string): unknown;
  on(event: "exit", listener: () => void): unknown;
}

/** A thread of `node:worker_threads`. */
export interface NodeWorker {
  on(event: "message", listener: () => void): unknown;
  postMessage(message: unknown): void;
  ref(): void;
  unref(): void;
}

/** The runtime's own modules, by their names. */
export interface Builtins {
  "bun:ffi": BunFfi;
  "node:buffer": { readonly Buffer: { allocUnsafeSlow(size: number): Uint8Array<ArrayBuffer> } };
  "node:ffi": NodeFfi;
  "node:perf_hooks": { readonly performance: { now(): number } };
  "node:timers": { setImmediate(callback: () => void): unknown };
  "node:worker_threads": {
    readonly isMainThread: boolean;
    readonly Worker: new (source: string | URL, options?: { eval?: boolean }) => NodeWorker;
  };
}
