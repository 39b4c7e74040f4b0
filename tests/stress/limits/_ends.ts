/** For tests: ends whose peers do what they should not. */

import { type AnyEnd, SocketEnd, socketpair, type SocketPairOptions } from "@socketpair/streams";
import { type ChildProcess, spawn } from "@socketpair/streams/process";
import { AF_UNIX, SOCK_SEQPACKET, socketpair as rawPair } from "@socketpair/streams/ffi";
import { commandFor, stdioOf } from "../../_support.ts";

/** Two ends that do not know of each other: only the kernel wakes them. */
export function foreignPair(): [SocketEnd, SocketEnd] {
  const [left, right] = rawPair(AF_UNIX, SOCK_SEQPACKET, 0);
  return [SocketEnd.from(left), SocketEnd.from(right)];
}

/** An end whose peer, in another process, sends records of that size without end, so many bytes at once. */
export function flooded(options: SocketPairOptions, size: number, amount: number): [AnyEnd, ChildProcess] {
  const [ours, theirs] = socketpair({ ...options, sendBufferSize: 4 * 1024 * 1024 });
  const [program, args] = commandFor("tests/stress/limits/flood.ts");
  return [ours, spawn(program, [...args, `${size}`, `${amount}`], { stdio: stdioOf({ 3: theirs }) })];
}
