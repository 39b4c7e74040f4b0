/** Waits on ends of very many pairs, wakes each of them, and prints how many threads that took. */

import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { type SocketEnd, socketpair } from "../../mod.ts";
import { close, write } from "../../ffi/mod.ts";
import { threads } from "./_threads.ts";

const COUNT = Number(process.argv[2]);

/** An end that waits by the poller, and the descriptor that wakes it. */
function waiting(): { end: SocketEnd; read: Promise<ReadableStreamReadResult<Uint8Array>>; fd: number } {
  const [end, other] = socketpair({ type: "seqpacket" });
  return { end, read: end.readable.getReader().read(), fd: other.detach().fd };
}

const first = waiting();
await delay(300);
const one = threads();
const all = [first, ...Array.from({ length: COUNT - 1 }, waiting)];
await delay(300);
const many = threads();
const begin = performance.now();
for (const { fd } of all) write(fd, new Uint8Array(8));
let woken = 0;
for (const { read } of all) woken += (await read).value?.length === 8 ? 1 : 0;
const took = performance.now() - begin;
for (const { end, fd } of all) {
  close(fd);
  await end.close();
}
console.log(JSON.stringify({ one, many, woken, milliseconds: Math.round(took) }));
