/** The guest in a process of its own: `guest_process.ts <Hand as JSON>`. */

import process from "node:process";
import type { Hand } from "./port.ts";
import { load } from "./roster.ts";
import { serve } from "./workloads.ts";

const hand = JSON.parse(process.argv[2]!) as Hand;
const contestant = await load(hand.contestant);
serve(hand.workload, await contestant.accept!(hand, undefined));
