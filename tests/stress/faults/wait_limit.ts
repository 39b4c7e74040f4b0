/** Begins to wait for a socket when only so many descriptors are left that the poller cannot be made, and then again. */

import { equal } from "node:assert/strict";
import { closeSync } from "node:fs";
import process from "node:process";
import { SocketEnd } from "../../../mod.ts";
import { AF_UNIX, close, SOCK_SEQPACKET, SocketError, socketpair, write } from "../../../ffi/mod.ts";
import { fillUp, openNumbers } from "./_raw.ts";

const limit = Number(process.argv[2]);
const free = Number(process.argv[3]);

/** Ends that do not know each other: only the kernel can wake the reader. */
async function exchange([near, far]: [number, number]): Promise<number> {
  const end = SocketEnd.from(near);
  // By then the read waits, on a busy machine too.
  const timer = setTimeout(() => write(far, new Uint8Array(3)), 200);
  try {
    return (await end.readable.getReader().read()).value!.length;
  } finally {
    clearTimeout(timer);
    await end.close().catch(() => {});
    close(far);
  }
}

// Everything is loaded, and every thread started, before descriptors run out.
equal(await exchange(socketpair(AF_UNIX, SOCK_SEQPACKET, 0)), 3);
let known = openNumbers(limit).length;
for (let quiet = 0; quiet < 10; quiet += 1) {
  await new Promise((resolve) => setTimeout(resolve, 10));
  // The poller's own are given back a moment after the end is closed.
  const now = openNumbers(limit).length;
  if (now !== known) [known, quiet] = [now, -1];
}

const used = socketpair(AF_UNIX, SOCK_SEQPACKET, 0);
const filling = fillUp();
filling.splice(0, free).forEach(closeSync);
const outcome = await exchange(used).catch((error: unknown) => {
  if (!(error instanceof SocketError)) throw error;
  return `${error.syscall}: ${error.code}`;
});
// The pair is closed by now, and nothing was opened that still is.
equal(openNumbers(limit).length, limit - free - 2);
filling.forEach(closeSync);
equal(await exchange(socketpair(AF_UNIX, SOCK_SEQPACKET, 0)), 3);
console.log(outcome);
