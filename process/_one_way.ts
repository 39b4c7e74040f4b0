import { later } from "../ffi/host.ts";
import { closeTogether, lend, type Lent } from "../streams/access.ts";
import type { SocketEnd } from "../streams/socket_end.ts";
import type { ChildProcess } from "./child_process.ts";

/** How many milliseconds a program may have what is another's: between its fork and its exec. */
const MOMENT = 20;

/**
 * Makes an end of ours one-way: it closes with the direction that is used, or when the program on the other side has ended and
 * nothing is left to be read.
 *
 * The other direction is not shut down before: SHUT_WR would make the program's standard output readable, which Python's asyncio
 * takes for EOF.
 */
export function makeOneWay(end: SocketEnd, child: ChildProcess): void {
  closeTogether(end);
  child.on("exit", () => void closeBehind(end));
  child.on("error", () => child.pid === undefined && void closeBehind(end));
}

/** Closes an end behind its program: by a read that meets EOF, so that it closes in order. */
async function closeBehind(end: SocketEnd): Promise<void> {
  // Last of all, since it starts a thread: something that the program has started has the descriptor still.
  const waits = [() => new Promise<void>((resolve) => later(MOMENT, resolve)), () => end.peerClosed];
  for (const wait of waits) {
    const socket = idleSocketOf(end);
    if (socket === undefined || socket.isHungUp()) break;
    await wait();
  }
  // A reader that has the lock meets EOF itself.
  if (idleSocketOf(end)?.isEmpty()) end.read(new Uint8Array(1)).catch(() => {});
}

/** Undefined if the end is closed, or has writes under way: these fail, and close it. */
function idleSocketOf(end: SocketEnd): Lent["socket"] | undefined {
  try {
    return lend(end).socket;
  } catch {
    return undefined;
  }
}
