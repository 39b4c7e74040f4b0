/**
 * Receives more descriptors than this process can open, whose RLIMIT_NOFILE is low. Arguments: the limit, how many
 * descriptors are free, the type of socket. Prints what the reader is given.
 */

import { deepEqual, equal } from "node:assert/strict";
import process from "node:process";
import { socketpair, type SocketType } from "../../mod.ts";
import { close } from "../../ffi/mod.ts";
import { fillUp, openNumbers } from "../stress/faults/_raw.ts";

const SENT = 10;
const limit = Number(process.argv[2]);
const free = Number(process.argv[3]);
const type = process.argv[4] as SocketType;

/** How often so many descriptors arrive. */
async function exchange(count: number): Promise<number> {
  await using pair = socketpair({ type, chunks: "messages" });
  const descriptors = Array(count).fill(0);
  await pair[0].writable.getWriter().write({ data: new Uint8Array([1]), descriptors });
  const { value } = await pair[1].readable.getReader().read();
  for (const descriptor of value!.descriptors) descriptor.close();
  return value!.descriptors.length;
}

// Everything is loaded before descriptors run out.
equal(await exchange(SENT), SENT);
const [left, right] = socketpair({ type, chunks: "messages" });
const writer = left.writable.getWriter();
await writer.write({ data: new Uint8Array([1]), descriptors: Array(SENT).fill(0) });
await writer.write({ data: new Uint8Array([2]) });
const filling = fillUp();
for (let index = 0; index < free; index += 1) close(filling.pop()!);
const before = openNumbers(limit);
const reader = right.readable.getReader();
const told: object[] = [];
for (let count = 0; count < 2; count += 1) {
  const { data, descriptors, descriptorsLost: lost } = (await reader.read()).value!;
  told.push({ byte: data[0], descriptors: descriptors.length, ...(lost ? { lost } : {}) });
  for (const descriptor of descriptors) descriptor.close();
}
deepEqual(openNumbers(limit), before);
for (const fd of filling) close(fd);
await Promise.all([left.close(), right.close()]);
equal(await exchange(SENT), SENT);
console.log(JSON.stringify(told));
