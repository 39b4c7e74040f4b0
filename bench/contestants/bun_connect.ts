/** `Bun.connect` to a socket path, or on a descriptor of a SEQPACKET pair, one record a write. */

import { AF_UNIX, close, SOCK_CLOEXEC, SOCK_SEQPACKET, socketpair } from "../../ffi/mod.ts";
import type { BytePort } from "../framed.ts";
import type { Contestant, Each } from "../port.ts";
import { overPath } from "./_dial.ts";

interface BunSocket {
  data: SocketPort;
  write(bytes: Uint8Array): number;
}

interface Handlers {
  open?(socket: BunSocket): void;
  data(socket: BunSocket, bytes: Uint8Array<ArrayBuffer>): void;
  drain(socket: BunSocket): void;
  error(socket: BunSocket, reason: Error): void;
}

const { Bun } = globalThis as unknown as {
  Bun: {
    listen(options: { unix: string; socket: Handlers }): unknown;
    connect(options: { unix?: string; fd?: number; socket: Handlers }): Promise<BunSocket>;
  };
};

/** Keeps what the kernel would not take, as Bun's own documentation advises. */
class SocketPort implements BytePort {
  readonly #socket: BunSocket;
  readonly #kept: Uint8Array<ArrayBuffer>[] = [];
  #each: Each | undefined;
  #rest: Uint8Array | undefined;
  #resolve: (() => void) | undefined;

  constructor(socket: BunSocket) {
    this.#socket = socket;
    socket.data = this;
  }

  send(bytes: Uint8Array): void | Promise<void> {
    const sent = this.#socket.write(bytes);
    if (sent === bytes.byteLength) return;
    this.#rest = bytes.subarray(Math.max(sent, 0));
    return new Promise((resolve) => this.#resolve = resolve);
  }

  receive(each: Each): void {
    this.#each = each;
    for (const bytes of this.#kept.splice(0)) void each(bytes);
  }

  onData(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#each === undefined) this.#kept.push(bytes);
    else void this.#each(bytes);
  }

  onDrain(): void {
    if (this.#rest === undefined) return;
    const sent = Math.max(this.#socket.write(this.#rest), 0);
    if (sent < this.#rest.byteLength) return void (this.#rest = this.#rest.subarray(sent));
    this.#rest = undefined;
    this.#resolve!();
  }
}

const HANDLERS: Handlers = {
  data: (socket, bytes) => socket.data.onData(bytes),
  drain: (socket) => socket.data?.onDrain(),
  error: (_socket, reason) => {
    throw reason;
  },
};

const adopt = async (fd: number) => new SocketPort(await Bun.connect({ fd, socket: OPENING }));
const OPENING: Handlers = { ...HANDLERS, open: (socket) => void new SocketPort(socket) };

function overDescriptors(): Contestant {
  const pair = () => socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  return {
    pair: async (hand) => {
      const pairs: [SocketPort, SocketPort][] = [];
      while (pairs.length < hand.channels) {
        const [left, right] = pair();
        pairs.push([await adopt(left), await adopt(right)]);
      }
      return pairs;
    },
    connect: async (launcher) => {
      const pairs = Array.from({ length: launcher.hand.channels }, pair);
      launcher.start(pairs.map(([, right]) => right));
      if (launcher.hand.placement === "b") { for (const [, right] of pairs) close(right); }
      return await Promise.all(pairs.map(([left]) => adopt(left)));
    },
    accept: (hand) => Promise.all(hand.fds.map(adopt)),
  };
}

/** The contestant of that name. */
export function contestant(name: string): Contestant {
  if (name === "Bun.connect({ fd })") return overDescriptors();
  return overPath({
    listen: (path, connected) =>
      void Bun.listen({ unix: path, socket: { ...HANDLERS, open: (socket) => connected(new SocketPort(socket)) } }),
    dial: async (path) => {
      const socket = await Bun.connect({ unix: path, socket: OPENING });
      return socket.data;
    },
  });
}
