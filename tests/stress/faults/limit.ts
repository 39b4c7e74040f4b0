/** Uses up every descriptor that a low RLIMIT_NOFILE allows, with pairs, and looks at what then fails and what is left. */

import { deepEqual, equal } from "node:assert/strict";
import { closeSync } from "node:fs";
import process from "node:process";
import { socketpair as streams } from "../../../mod.ts";
import { AF_UNIX, close, read, SOCK_SEQPACKET, SOCK_STREAM, socketpair, write } from "../../../ffi/mod.ts";
import { failure, fillUp, openNumbers } from "./_raw.ts";

const limit = Number(process.argv[2]);
// Everything is loaded before descriptors run out.
openNumbers(1);
streams()[Symbol.dispose]();

const pairs: [number, number][] = [];
const error = failure(() => {
  for (; pairs.length < limit; pairs.push(socketpair(AF_UNIX, SOCK_STREAM, 0)));
});
deepEqual([error.code, error.errno, error.syscall], ["EMFILE", 24, "socketpair"]);
equal(error.message, "Cannot create a socket pair: this process has too many open files (EMFILE)");

/** Fails in every way, opens nothing, and touches no vector. */
function refused(): void {
  const open = openNumbers(limit);
  const vector = new Int32Array([-7, -8]);
  for (let time = 0; time < 3; time += 1) {
    equal(failure(() => socketpair(AF_UNIX, SOCK_SEQPACKET, 0)).code, "EMFILE");
    equal(failure(() => socketpair(AF_UNIX, SOCK_SEQPACKET, 0, vector)).code, "EMFILE");
    equal(failure(() => streams()).code, "EMFILE");
  }
  deepEqual([...vector], [-7, -8]);
  deepEqual(openNumbers(limit), open);
}

const rest = fillUp();
equal(openNumbers(limit).length, limit);
refused();
// Two are needed: with a single free one there is no pair, and it stays free.
const [left, right] = pairs.pop()!;
close(left);
refused();
close(right);
const pair = socketpair(AF_UNIX, SOCK_STREAM, 0);
write(pair[0], new Uint8Array([5]));
equal(read(pair[1], new Uint8Array(2)), 1);
[...pairs.flat(), ...pair].forEach(close);
rest.forEach(closeSync);
console.log(`EMFILE after ${pairs.length > 10 ? "many" : pairs.length} pairs`);
