import { builtin } from "./runtimes/_builtin.ts";

interface BufferModule {
  readonly Buffer: { allocUnsafeSlow(size: number): Uint8Array<ArrayBuffer> };
}

let allocate: ((size: number) => Uint8Array<ArrayBuffer>) | undefined;

/**
 * A buffer of its own that is not zeroed, which for 64 KiB is most of the cost. Whoever asks for it overwrites all of it, or
 * does not show the rest.
 */
export function uninitialized(size: number): Uint8Array<ArrayBuffer> {
  allocate ??= builtin<BufferModule>("node:buffer").Buffer.allocUnsafeSlow;
  return new Uint8Array(allocate(size).buffer);
}
