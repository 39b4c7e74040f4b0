/** Waits for the end of a peer that stays, which holds no process open. */

import { socketpair } from "../../mod.ts";

const pair = socketpair();
void pair[0].peerClosed.then(() => console.log("gone"));
console.log("waiting");
Object.assign(globalThis, { pair });
