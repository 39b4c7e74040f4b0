/** Makes one kind of call 1,500 times, and expects each to do its work although signals interrupt some. */

import { equal, ok } from "node:assert/strict";
import process from "node:process";
import { SocketEnd, socketpair as streams } from "../../../mod.ts";
import {
  AF_UNIX,
  close,
  getsockopt,
  read,
  recvmsg,
  sendmsg,
  setsockopt,
  SHUT_WR,
  shutdown,
  SO_SNDBUF,
  SOCK_STREAM,
  socketpair,
  SOL_SOCKET,
  write,
} from "../../../ffi/mod.ts";
import { codeOf, records } from "./_raw.ts";

using pair = records();
const [left, right] = pair;
const ROUNDS = 1500;

const WORK: Record<string, () => void | Promise<void>> = {
  "read,write"() {
    const byte = new Uint8Array(1);
    for (let round = 0; round < ROUNDS; round += 1) {
      equal(write(left, new Uint8Array([round, 1])), 2);
      equal(read(right, byte), 1);
      equal(byte[0], round & 255);
    }
  },
  "sendmsg,recvmsg"() {
    const byte = new Uint8Array(1);
    for (let round = 0; round < ROUNDS; round += 1) {
      equal(sendmsg(left, { iov: [new Uint8Array([round])] }), 1);
      equal(recvmsg(right, { iov: [byte] }).bytes, 1);
      equal(byte[0], round & 255);
    }
  },
  "getsockopt,setsockopt"() {
    for (let round = 0; round < ROUNDS; round += 1) {
      setsockopt(left, SOL_SOCKET, SO_SNDBUF, 5000 + round);
      equal(getsockopt(left, SOL_SOCKET, SO_SNDBUF), 2 * (5000 + round));
    }
  },
  "socketpair,shutdown"() {
    for (let round = 0; round < ROUNDS; round += 1) {
      const [near, far] = socketpair(AF_UNIX, SOCK_STREAM, 0);
      shutdown(near, SHUT_WR);
      equal(read(far, new Uint8Array(1)), 0);
      [near, far].forEach(close);
    }
  },
  // Linux closes the descriptor all the same, so a second try could hit another owner's. (Here it never got there.)
  close() {
    let interrupted = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const fd of socketpair(AF_UNIX, SOCK_STREAM, 0)) {
        while (codeOf(() => close(fd)) === "EINTR") interrupted += 1;
      }
    }
    ok(interrupted > 100, `close() failed ${interrupted} times`);
  },
  async stream() {
    for (const type of ["stream", "seqpacket", "dgram"] as const) {
      using ends = streams({ type });
      const writer = ends[0].writable.getWriter();
      const reader = ends[1].readable.getReader();
      for (let round = 0; round < ROUNDS / 3; round += 1) {
        // In turn: what is there already, and what has to be waited for.
        const early = round % 2 === 0 ? undefined : reader.read();
        await writer.write(new Uint8Array([round]));
        equal((await (early ?? reader.read())).value![0], round & 255);
      }
    }
  },
  async wait() {
    for (let round = 0; round < 10; round += 1) {
      const [near, far] = socketpair(AF_UNIX, SOCK_STREAM, 0);
      await using end = SocketEnd.from(near);
      setTimeout(() => write(far, new Uint8Array([round])), 5);
      equal((await end.readable.getReader().read()).value![0], round);
      close(far);
    }
  },
};

await WORK[process.argv[2]!]!();
console.log("done");
