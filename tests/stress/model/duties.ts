/** What must happen sooner or later, although nothing more is done. */

import type { Write } from "./direction.ts";
import type { Ending, Pair } from "./pair.ts";
import type { Side } from "./side.ts";

/** The first thing that is due and has not happened. */
export function due(
  pair: Pair,
  isOpen: (side: Side) => boolean,
  awaitsPeer: (side: Side) => boolean,
): string | undefined {
  for (const side of pair.sides) {
    if (side.gone === 2 && isOpen(side)) return `the descriptor of ${side.name} to be closed`;
    const write = side.out.head();
    if (write !== undefined && writeMustSettle(pair, side, write)) return `a write at ${side.name}`;
    if (readMustSettle(pair, side)) return `a read at ${side.name}`;
    const peerIsGone = pair.mode.type !== "dgram" && side.peer.gone === 2;
    if (peerIsGone && awaitsPeer(side)) return `peerClosed at ${side.name}`;
  }
  for (const ending of pair.endings) if (endingMustSettle(pair, ending)) return `${ending.what} at ${ending.side.name}`;
  return undefined;
}

/** Whether a write that waits learns that it is refused. Behind the peer's closeRead() only once the rest is read. */
function learns({ refused, shutWrite, peer }: Side): boolean {
  return refused === 2 && (!peer.keepsRest || peer.receiveEnd === 2 || peer.gone === 2 || shutWrite === 2);
}

function writeMustSettle(pair: Pair, side: Side, write: Write): boolean {
  if (side.sendEnd === 2 || learns(side) || write.flaw !== "none") return true;
  // Another has gone after it: it only has not told.
  if (write.flushed || side.out.writes.some(({ index, state }) => index > write.index && state === "taken")) {
    return true;
  }
  return pair.hasRoom(side, side.out.ahead(write, true), write);
}

function readMustSettle(pair: Pair, side: Side): boolean {
  const [first] = side.reads;
  if (first === undefined) return false;
  if (pair.mode.chunk === "bytes" && [...side.reads].some(({ by, size }) => by === "call" && size === 0)) return true;
  if (first.refusal !== undefined || first.over || first.signal?.aborted) return true;
  if (side.receiveEnd === 2 || side.inwardEnded === 2 || side.isLast) return true;
  const coming = pair.mustCome(side).reduce((sum, write) => sum + side.in.left(write), 0);
  return first.least > 1 ? coming >= first.least : pair.mustCome(side).length > 0;
}

function endingMustSettle(pair: Pair, { side, what, index }: Ending): boolean {
  if (what === "abort" || side.sendEnd === 2 || learns(side)) return true;
  const head = side.out.head();
  if (head !== undefined && (head.index < index || head.late)) return false;
  // A call behind writer.close() may go before the end.
  const before = what === "closeWriter" ? Infinity : index;
  const held = pair.mode.framing !== undefined || side.out.lingers;
  return !held || pair.hasRoom(side, side.out.ahead({ index: before }, true));
}
