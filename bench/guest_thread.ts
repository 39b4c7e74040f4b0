/** A contestant's guest in a thread. Its first message is the hand. */

import type { Hand } from "./port.ts";
import { load } from "./roster.ts";
import { parentThread } from "./thread.ts";
import { serve } from "./workloads.ts";

const { first, parent } = parentThread();
first.then(async (message) => {
  const hand = message as Hand;
  const contestant = await load(hand);
  await serve(hand.workload, await contestant.guest(hand, parent));
});
