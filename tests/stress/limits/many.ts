/** Opens very many pairs at once and sends a record through each, both ways. Argument: how many. Prints how many arrived. */

import process from "node:process";
import { socketpair } from "../../../mod.ts";
import { sockets } from "../faults/_raw.ts";

const count = Number(process.argv[2]);
const before = new Set(sockets());
const pairs = Array.from({ length: count }, (_, number) => socketpair({ type: number % 2 ? "seqpacket" : "stream" }));
// Deno opens two sockets of its own in the first half second, with a script that does nothing: they are told apart.
const open = new Set(sockets().filter((socket) => !before.has(socket)));
const reads = pairs.flatMap((ends) => ends.map((end) => end.readable.getReader().read()));
// All of them wait before anything comes.
await new Promise((resolve) => setTimeout(resolve, 50));
await Promise.all(
  pairs.flatMap((ends, number) =>
    ends.map((end) => end.writable.getWriter().write(new Uint8Array([number, number >> 8])))
  ),
);
const values = (await Promise.all(reads)).map(({ value }) => value![0]! + value![1]! * 256);
const right = values.filter((value, index) => value === index >> 1).length;
await Promise.all(pairs.map((pair) => pair[Symbol.asyncDispose]()));
const left = sockets().filter((socket) => open.has(socket));
console.log(`${open.size} open, ${right} records, ${left.length} left`);
process.exit(0);
