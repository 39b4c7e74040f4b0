import type { Arena } from "./arena.ts";
import { type Readiness, readiness } from "./readiness.ts";
import { close } from "./syscalls.ts";
import type { Watched } from "./watched.ts";

/** The descriptors that this thread owns, so that none gets a second owner. */
const owned = new Set<number>();

/** Whoever holds none of an end's objects any more can no longer close it: the last resort, at the collector's leisure. */
const abandoned = new FinalizationRegistry<{ arena: Arena; watched: Watched }>(({ arena, watched }) => {
  const poller = readiness(arena);
  poller.forget(watched);
  watched.local = false;
  owned.delete(watched.fd);
  close(arena, watched.fd);
  wakePeer(poller, watched);
});

/** Whether an object of this thread owns a descriptor. */
export function isOwned(fd: number): boolean {
  return owned.has(fd);
}

/** Makes an object the owner: when it is collected, the descriptor is closed. */
export function own(owner: object, arena: Arena, watched: Watched): void {
  owned.add(watched.fd);
  abandoned.register(owner, { arena, watched }, owner);
}

/** Takes {@linkcode own} back. */
export function disown(owner: object, watched: Watched): void {
  owned.delete(watched.fd);
  abandoned.unregister(owner);
}

/** Lets the other end, in this thread, find out that this one is closed. */
export function wakePeer(poller: Readiness, { peer }: Watched): void {
  if (peer === undefined) return;
  poller.wake(peer, peer.readable);
  poller.wake(peer, peer.writable);
}
