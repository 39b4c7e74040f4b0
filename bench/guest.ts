/** A contestant's guest in a process: `guest.ts <Hand as JSON>`. */

import process from "node:process";
import type { Hand } from "./port.ts";
import { load } from "./roster.ts";
import { serve } from "./workloads.ts";

const hand = JSON.parse(process.argv[2]!) as Hand;
const contestant = await load(hand);
await serve(hand.workload, await contestant.guest(hand, undefined));
