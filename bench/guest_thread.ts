/** The guest in a thread of its own. Its first message is the {@linkcode Hand}. */

import type { Hand } from "./port.ts";
import { load } from "./roster.ts";
import { parentThread } from "./thread.ts";
import { serve } from "./workloads.ts";

const { first, parent } = parentThread();
first.then(async (message) => {
  const hand = message as Hand;
  const contestant = await load(hand.contestant);
  serve(hand.workload, await contestant.accept!(hand, parent));
});
