/** This module's `./ffi` layer as C is written: blocking calls. The floor of calling C from the runtime. */

import { AF_UNIX, close, read, SOCK_CLOEXEC, SOCK_SEQPACKET, SOCK_STREAM, socketpair, write } from "../../ffi/mod.ts";
import type { Contestant, Port } from "../port.ts";

function portOf(fd: number): Port {
  return {
    send(bytes) {
      let sent = write(fd, bytes);
      while (sent < bytes.byteLength) sent += write(fd, bytes.subarray(sent));
    },
    async receive(each) {
      const buffer = new Uint8Array(64 * 1024);
      for (;;) {
        const length = read(fd, buffer);
        if (length === 0) return;
        const wait = each(buffer.subarray(0, length));
        if (wait !== undefined) await wait;
      }
    },
  };
}

/** The contestant. */
export function contestant(): Contestant {
  return {
    connect(launcher) {
      const type = launcher.hand.workload === "W1" ? SOCK_STREAM : SOCK_SEQPACKET;
      const [left, right] = socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0);
      launcher.start([right]);
      if (launcher.hand.placement === "b") close(right);
      return Promise.resolve([portOf(left)]);
    },
    accept: (hand) => Promise.resolve(hand.fds.map(portOf)),
  };
}
