/** What the tests of the raw layer and the scripts beside this file share. */

import assert from "node:assert/strict";
import { openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import {
  AF_UNIX,
  close,
  getsockopt,
  SO_TYPE,
  SOCK_SEQPACKET,
  SOCK_STREAM,
  SocketError,
  socketpair,
} from "../../../ffi/mod.ts";

/** Every socket that this process has open: its number and what it is. */
export function sockets(): string[] {
  const open: string[] = [];
  for (const fd of readdirSync("/proc/self/fd")) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      if (target.startsWith("socket:")) open.push(`${fd} ${target}`);
    } catch {
      // The descriptor of the listing itself.
    }
  }
  return open.sort();
}

/** Every open number below `limit`, found without opening anything: for a process that has no descriptor left. */
export function openNumbers(limit: number): number[] {
  return Array.from({ length: limit }, (_, fd) => fd).filter((fd) =>
    codeOf(() => getsockopt(fd, 1, SO_TYPE)) !== "EBADF"
  );
}

/** Takes every descriptor that is left. */
export function fillUp(): number[] {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch {
    return taken;
  }
}

/** The flags with which a descriptor was opened, as fcntl.h numbers them. */
export function flagsOf(fd: number): number {
  return parseInt(/^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))![1]!, 8);
}

/** The SocketError that a call throws. Anything else fails the test. */
export function failure(call: () => unknown): SocketError {
  try {
    call();
  } catch (error) {
    if (error instanceof SocketError) return error;
    throw error;
  }
  return assert.fail("the call succeeded");
}

/** The code of the SocketError that a call throws, or `"none"`. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof SocketError) return error.code;
    throw error;
  }
  return "none";
}

/** A pair that is closed when the block ends. */
export type RawPair = readonly [number, number] & Disposable;

function pair(type: number): RawPair {
  const descriptors: readonly [number, number] = socketpair(AF_UNIX, type, 0);
  return Object.assign(descriptors, { [Symbol.dispose]: () => descriptors.forEach(close) });
}

/** A pair of streams. */
export const streams = (): RawPair => pair(SOCK_STREAM);

/** A pair that keeps records. */
export const records = (): RawPair => pair(SOCK_SEQPACKET);

/** Bytes that look random and are the same in every run. */
export function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed * 0x9e3779b1 | 1;
  for (let index = 0; index < length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state;
  }
  return bytes;
}
