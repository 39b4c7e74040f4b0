import { FramedPort } from "../framed.ts";
import type { BytePort } from "../framed.ts";
import type { Contestant, Port, Workload } from "../port.ts";

/** How sockets meet at a path. */
export interface Meeting {
  /** Listens, and gives every connection. */
  listen(path: string, connected: (port: BytePort) => void): Promise<void> | void;
  dial(path: string): Promise<BytePort>;
}

/** A channel of bytes gets a length before each record where records are wanted; else what is sent is all there is. */
const portOf = (port: BytePort, workload: Workload): Port => workload === "framed" ? new FramedPort(port) : port;

/** A contestant whose ends find each other at a socket path. */
export function overPath({ listen, dial }: Meeting): Contestant {
  return {
    host: async (launcher) => {
      const { path, workload } = launcher.hand;
      const { promise, resolve } = Promise.withResolvers<Port>();
      await listen(path, (port) => resolve(portOf(port, workload)));
      launcher.start();
      return await promise;
    },
    guest: async ({ path, workload }) => portOf(await dial(path), workload),
  };
}
