/** What can be seen of an end from outside, without telling its number: reading `end.fd` changes how it closes. */

import type { AnyEnd } from "../mod.ts";
import { MSG_DONTWAIT, MSG_PEEK, recvmsg, SocketError } from "../ffi/mod.ts";
import { descriptorOf as numberOf } from "../streams/access.ts";
import { delay } from "./_support.ts";

export { numberOf };

/** Whether an end has its descriptor still. */
export const isOpen = (end: object): boolean => numberOf(end) !== -1;

/** The first byte that the kernel has for an end and that was not received. */
export function firstQueued(end: AnyEnd): number | undefined {
  const byte = new Uint8Array(1);
  try {
    return recvmsg(numberOf(end), { iov: [byte] }, MSG_PEEK | MSG_DONTWAIT).bytes > 0 ? byte[0] : undefined;
  } catch (error) {
    if (error instanceof SocketError && error.code === "EAGAIN") return undefined;
    throw error;
  }
}

/** Whether the kernel has something for an end that was not received. */
export function hasQueued(end: AnyEnd): boolean {
  return firstQueued(end) !== undefined;
}

/** Waits until something can be seen, at most for two seconds. */
export async function until(seen: () => boolean, what: string): Promise<void> {
  for (let time = 0; time < 2000; time += 1) {
    if (seen()) return;
    await delay(1);
  }
  throw new Error(`Cannot go on: ${what} has not come within two seconds`);
}
