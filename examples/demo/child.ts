/**
 * The demo's child for Deno, Bun and Node: answers what comes in on descriptor 3. `child.py` does the same in Python.
 *
 * Its argument is the limit that `protocol.ts` speaks of.
 */

import process from "node:process";
import { SocketEnd } from "@socketpair/streams";
import { Answers } from "./protocol.ts";

const answers = new Answers(Number(process.argv[2]));
await using end = SocketEnd.from(3);
await end.write(new Uint8Array(0)); // up
for await (const record of end.readable) await end.write(answers.next(record));
await end.closeWrite();
