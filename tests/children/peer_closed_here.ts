/** Awaits that a peer in this thread is gone, by itself: nothing else holds the process open. */

import { socketpair } from "../../mod.ts";

async function main(): Promise<void> {
  for (const type of ["stream", "seqpacket"] as const) {
    for (const when of ["late", "early"]) {
      await using pair = socketpair({ type });
      const early = when === "early" ? pair[0].peerClosed : undefined;
      await pair[1].close();
      await (early ?? pair[0].peerClosed);
      console.log(type, when);
    }
  }
}

// Not awaited: a runtime waits longer for the promise of a module.
void main();
