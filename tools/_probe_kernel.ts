/** What the kernel does with pairs, question by question: each gives a short answer for one type of socket. */

import {
  AF_UNIX,
  close,
  getsockopt,
  MSG_DONTWAIT,
  MSG_NOSIGNAL,
  MSG_TRUNC,
  read,
  recvmsg,
  sendmsg,
  setsockopt,
  SHUT_RD,
  SHUT_WR,
  shutdown,
  SO_SNDBUF,
  SocketError,
  socketpair,
  SOL_SOCKET,
} from "../ffi/mod.ts";

const SO_TIMESTAMP = 29;

/** A pair of one type, for one question. */
export interface Probe {
  readonly left: number;
  readonly right: number;
  /** Closes one of them before its time. */
  close(fd: number): void;
}

/** The error's code, or what the call gave. */
export function outcome<T>(call: () => T, show: (value: T) => string = String): string {
  try {
    return show(call());
  } catch (error) {
    if (error instanceof SocketError) return error.code;
    throw error;
  }
}

const send = (fd: number, size: number) =>
  outcome(() => sendmsg(fd, { iov: [new Uint8Array(size)] }, MSG_DONTWAIT | MSG_NOSIGNAL));
const receive = (fd: number, size = 1024, flags = 0) =>
  outcome(() => recvmsg(fd, { iov: [new Uint8Array(size)] }, MSG_DONTWAIT | flags), ({ bytes }) => String(bytes));

function fill(fd: number, size: number): number {
  let count = 0;
  while (send(fd, size) === String(size)) count += 1;
  return count;
}

/** Every question with the way to its answer. */
export const QUESTIONS: Record<string, (probe: Probe) => string> = {
  "zero-length send, then receive": ({ left, right }) => `${send(left, 0)}, ${receive(right)}`,
  "receive after the peer closed": ({ left, right, close }) => {
    close(left);
    return receive(right);
  },
  "receive after the peer's SHUT_WR": ({ left, right }) => {
    shutdown(left, SHUT_WR);
    return `${receive(right)}; the other way ${send(right, 1)}, ${receive(left)}`;
  },
  "send after the peer closed": ({ left, right, close }) => {
    close(right);
    return send(left, 1);
  },
  "send after the peer's SHUT_RD": ({ left, right }) => {
    shutdown(right, SHUT_RD);
    return send(left, 1);
  },
  "peer closed with our data unread, its own queued": ({ left, right, close }) => {
    send(left, 3);
    send(right, 1);
    send(right, 2);
    close(right);
    return [receive(left, 1), receive(left), receive(left), receive(left)].join(", ");
  },
  "10 bytes into 4, then again": ({ left, right }) => {
    send(left, 10);
    return `${receive(right, 4)}, ${receive(right, 4)}`;
  },
  "10 bytes into 4 with MSG_TRUNC": ({ left, right }) => {
    send(left, 10);
    return receive(right, 4, MSG_TRUNC);
  },
  "read() into nothing, then into 4": ({ left, right }) => {
    send(left, 2);
    return `${outcome(() => read(right, new Uint8Array(0)))}, ${receive(right, 4)}`;
  },
  "SO_SNDBUF": ({ left }) => String(getsockopt(left, SOL_SOCKET, SO_SNDBUF)),
  "a record of SO_SNDBUF - 32, - 31": ({ left, right }) => {
    const limit = getsockopt(left, SOL_SOCKET, SO_SNDBUF) - 32;
    const first = send(left, limit);
    receive(right, limit);
    return `${first}, ${send(left, limit + 1)}`;
  },
  "largest SO_SNDBUF": ({ left }) => {
    setsockopt(left, SOL_SOCKET, SO_SNDBUF, 2 ** 30);
    return String(getsockopt(left, SOL_SOCKET, SO_SNDBUF));
  },
  "sends of 64, 1 Ki, 4 Ki, 64 Ki that fit": ({ left, right }) =>
    [64, 1024, 4096, 65536].map((size) => {
      const count = fill(left, size);
      while (receive(right, 2 ** 20) !== "EAGAIN");
      return count;
    }).join(", "),
  "empty record and end, told by SO_TIMESTAMP": ({ left, right, close }) => {
    setsockopt(right, SOL_SOCKET, SO_TIMESTAMP, 1);
    send(left, 0);
    close(left);
    const control = () =>
      outcome(
        () => recvmsg(right, { iov: [new Uint8Array(1)], control: new Uint8Array(64) }, MSG_DONTWAIT),
        ({ bytes, controlLength }) => `${bytes} with ${controlLength} B of control`,
      );
    return `${control()}, ${control()}`;
  },
};

/** Asks a question of a pair of its own, which is closed afterwards. */
export function ask(type: number, question: (probe: Probe) => string): string {
  const pair = new Set(socketpair(AF_UNIX, type, 0));
  const [left, right] = [...pair] as [number, number];
  try {
    return question({
      left,
      right,
      close: (fd) => {
        pair.delete(fd);
        close(fd);
      },
    });
  } finally {
    for (const fd of pair) close(fd);
  }
}
