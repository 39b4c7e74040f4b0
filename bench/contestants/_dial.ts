import { FramedPort } from "../framed.ts";
import type { BytePort } from "../framed.ts";
import type { Contestant, Hand, Port } from "../port.ts";

/** How sockets meet at a path. */
export interface Meeting {
  /** Listens, and gives every connection. */
  listen(path: string, connected: (port: BytePort) => void): Promise<void> | void;
  dial(path: string): Promise<BytePort>;
}

/** In W2 a channel of bytes gets a length before each record; in the others what is sent is all there is to read. */
function portOf(port: BytePort, { workload }: Hand, records: boolean): Port {
  return workload === "W2" && !records ? new FramedPort(port) : port;
}

/** A contestant whose ends find each other at a socket path. */
export function overPath({ listen, dial }: Meeting, records = false): Contestant {
  const accept = async (hand: Hand) => {
    const ports: Port[] = [];
    while (ports.length < hand.channels) ports.push(portOf(await dial(hand.path), hand, records));
    return ports;
  };
  const listening = async (hand: Hand) => {
    const ports: Port[] = [];
    const { promise, resolve } = Promise.withResolvers<Port[]>();
    await listen(hand.path, (port) => {
      if (ports.push(portOf(port, hand, records)) === hand.channels) resolve(ports);
    });
    return { all: promise };
  };
  return {
    pair: async (hand) => {
      const { all } = await listening(hand);
      const guests = await accept(hand);
      return (await all).map((host, index) => [host, guests[index]!]);
    },
    connect: async (launcher) => {
      const { all } = await listening(launcher.hand);
      launcher.start();
      return await all;
    },
    accept,
  };
}
