/** Control messages, as cmsg(3) lays them out on 64-bit Linux. */

import assert from "node:assert/strict";
import { SCM_RIGHTS, sendmsg, SOL_SOCKET } from "../../../ffi/mod.ts";
import type { RawPair } from "./_raw.ts";

/** struct cmsghdr (length, level, type) and the data. */
export function controlMessage(type: number, values: readonly number[]): Uint8Array {
  const words = new Uint32Array(4 + values.length + values.length % 2);
  words.set([16 + 4 * values.length, 0, SOL_SOCKET, type, ...values]);
  return new Uint8Array(words.buffer);
}

/** The ints in the first control message, after its type. */
export function received(control: Uint8Array, length: number): [type: number, ...values: number[]] {
  assert.ok(length >= 16, `${length} bytes of control messages`);
  const words = new Int32Array(control.buffer, control.byteOffset, length >> 2);
  assert.equal(words[2], SOL_SOCKET);
  return [words[3]!, ...words.subarray(4, words[0]! >> 2)];
}

/** Sends descriptors with one byte. */
export function pass(pair: RawPair, descriptors: readonly number[]): number {
  return sendmsg(pair[0], { iov: [new Uint8Array([42])], control: controlMessage(SCM_RIGHTS, descriptors) });
}
