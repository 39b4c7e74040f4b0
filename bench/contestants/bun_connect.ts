/** `Bun.connect` to a socket path, or on a descriptor of a SEQPACKET pair, one record a write. */

import { AF_UNIX, close, SOCK_CLOEXEC, SOCK_SEQPACKET, socketpair } from "../../ffi/mod.ts";
import type { BytePort } from "../framed.ts";
import type { Bytes, Contestant, Each } from "../port.ts";
import { overPath } from "./_dial.ts";

interface BunSocket {
  data: SocketPort;
  write(bytes: Uint8Array): number;
}

interface Handlers {
  open?(socket: BunSocket): void;
  data(socket: BunSocket, bytes: Bytes): void;
  drain(socket: BunSocket): void;
  close(socket: BunSocket): void;
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
  readonly #kept: Bytes[] = [];
  #each: Each | undefined;
  #rest: Uint8Array | undefined;
  #sent = () => {};
  readonly #end = Promise.withResolvers<void>();

  constructor(socket: BunSocket) {
    this.#socket = socket;
    socket.data = this;
  }

  send(bytes: Uint8Array): void | Promise<void> {
    const sent = this.#socket.write(bytes);
    if (sent === bytes.byteLength) return;
    this.#rest = bytes.subarray(Math.max(sent, 0));
    return new Promise((resolve) => this.#sent = resolve);
  }

  receive(each: Each): Promise<void> {
    this.#each = each;
    for (const bytes of this.#kept.splice(0)) void each(bytes);
    return this.#end.promise;
  }

  onData(bytes: Bytes): void {
    if (this.#each === undefined) this.#kept.push(bytes);
    else void this.#each(bytes);
  }

  onDrain(): void {
    if (this.#rest === undefined) return;
    const sent = Math.max(this.#socket.write(this.#rest), 0);
    if (sent < this.#rest.byteLength) return void (this.#rest = this.#rest.subarray(sent));
    this.#rest = undefined;
    this.#sent();
  }

  onClose(): void {
    this.#end.resolve();
  }
}

const HANDLERS: Handlers = {
  data: (socket, bytes) => socket.data.onData(bytes),
  drain: (socket) => socket.data?.onDrain(),
  close: (socket) => socket.data?.onClose(),
  error: (_socket, reason) => {
    throw reason;
  },
};
const OPENING: Handlers = { ...HANDLERS, open: (socket) => void new SocketPort(socket) };

const adopt = async (fd: number) => new SocketPort(await Bun.connect({ fd, socket: OPENING }));

/** The contestant of that name. */
export function contestant(name: string): Contestant {
  if (name === "Bun.connect({ fd })") {
    return {
      host: (launcher) => {
        const [left, right] = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        launcher.start([right]);
        close(right);
        return adopt(left);
      },
      guest: ({ fds }) => adopt(fds[0]!),
    };
  }
  return overPath({
    listen: (path, connected) =>
      void Bun.listen({ unix: path, socket: { ...HANDLERS, open: (socket) => connected(new SocketPort(socket)) } }),
    dial: async (path) => (await Bun.connect({ unix: path, socket: OPENING })).data,
  });
}
