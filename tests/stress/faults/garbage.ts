/** Carries buffers that nothing refers to while a great deal of garbage is made, and looks at every byte. */

import { read, recvmsg, sendmsg, write } from "../../../ffi/mod.ts";
import { records } from "./_raw.ts";

let garbage: unknown[] = [];

/** Small objects for the young generation, buffers of the same sizes to take the place of those that are freed. */
function litter(round: number): void {
  for (let index = 0; index < 20; index += 1) garbage.push({ index, text: `${round}` }, new Uint8Array(100));
  for (const size of [5000, 9000]) garbage.push(new Uint8Array(size).fill(0xee));
  if (garbage.length > 5000) garbage = [];
}

function expect(bytes: Uint8Array, length: number, value: number, what: string): void {
  if (bytes.length === length && bytes.every((byte) => byte === value)) return;
  throw new Error(`${what} is not ${length} bytes of ${value}: ${bytes.length}, ${new Set(bytes)}`);
}

using pair = records();
const [left, right] = pair;

for (let round = 0; round < 6000; round += 1) {
  const value = round % 200;
  const size = [40, 5000, 9000][round % 3]!;
  write(left, new Uint8Array(size).fill(value));
  litter(round);
  const single = new Uint8Array(size);
  read(right, single);
  expect(single, size, value, "what read() gave");
  sendmsg(left, {
    iov: [new Uint8Array(5000).fill(value), new Uint8Array(30).fill(value), new Uint8Array(9000).fill(value)],
  });
  litter(round);
  const parts = [new Uint8Array(9000), new Uint8Array(30), new Uint8Array(5000)];
  recvmsg(right, { iov: parts });
  for (const part of parts) expect(part, part.length, value, "what recvmsg() gave");
}
console.log("intact");
