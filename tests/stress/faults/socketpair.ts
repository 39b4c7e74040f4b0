/**
 * Makes pairs until one fails, as the code given says, and from then on every way of making one fails so too: nothing is
 * opened, no vector is touched.
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import process from "node:process";
import { socketpair as streams } from "../../../mod.ts";
import { AF_UNIX, close, SOCK_SEQPACKET, SOCK_STREAM, socketpair } from "../../../ffi/mod.ts";
import { failure, sockets } from "./_raw.ts";

const [code, errno] = [process.argv[2]!, Number(process.argv[3])];
const before = sockets();
let made = 0;
const first = failure(() => {
  for (; made < 100; made += 1) socketpair(AF_UNIX, SOCK_STREAM, 0).forEach(close);
});
ok(made > 5, `only ${made} pairs could be made first`);

const vector = new Int32Array([-7, -8]);
const errors = [
  first,
  failure(() => socketpair(AF_UNIX, SOCK_SEQPACKET, 0)),
  failure(() => socketpair(AF_UNIX, SOCK_STREAM, 0, vector)),
  failure(() => streams({ type: "dgram" })),
];
for (const error of errors) {
  deepEqual([error.code, error.errno, error.syscall, error.name], [code, errno, "socketpair", "SocketError"]);
  ok(error.message.startsWith("Cannot create a socket pair: ") && error.message.endsWith(` (${code})`), error.message);
}
deepEqual([...vector], [-7, -8]);
deepEqual(sockets(), before);
equal(new Set(errors.map(({ message }) => message)).size, 1);
console.log(first.message);
