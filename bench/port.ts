/** What a contestant has to provide so that the loops in `workloads.ts` run over it. */

/** What a workload does with the bytes it is given. Whoever can wait for the promise does, before giving it more. */
export type Each = (bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>;

/** One end of a channel. */
export interface Port {
  /** Sends bytes: one record, where the channel has records. A promise if the next may only follow when it resolves. */
  send(bytes: Uint8Array<ArrayBuffer>): void | Promise<void>;
  /** Sends what `send` has kept back, where it does. */
  flush?(): void | Promise<void>;
  /** Gives all that arrives to `each`: one record, where the channel has records. */
  receive(each: Each): void | Promise<void>;
}

/** What the guest (the other process or thread) is told. */
export interface Hand {
  readonly contestant: string;
  readonly workload: Workload;
  readonly placement: Placement;
  /** How many channels. */
  readonly channels: number;
  /** A socket path that both sides know. */
  readonly path: string;
  /** Descriptors that were handed over, one a channel. */
  readonly fds: readonly number[];
}

/** W1 bytes, W2 records, W3 ping-pong, W4 fan-out, W5 start. */
export type Workload = "W1" | "W2" | "W3" | "W4" | "W5";
/** a: one thread, b: two processes, c: main thread and worker. */
export type Placement = "a" | "b" | "c";

/** The other thread, or this one's parent: messages as the runtime's own postMessage carries them. */
export interface Thread {
  post(message: unknown, transfer?: ArrayBuffer[]): void;
  listen(listener: (message: unknown) => void): void;
}

/** How the host starts its guest. */
export interface Launcher {
  readonly hand: Hand;
  /** Starts it, with descriptors of this process: a process inherits them, a thread takes them over. */
  start(fds?: readonly number[]): void;
  /** Starts it in a thread. */
  thread(): Thread;
  /** The program and arguments that start it in a process, for a contestant that spawns it itself. */
  command(): [program: string, args: string[]];
  /** To be told of a process that the contestant has spawned itself. */
  spawned(pid: number): void;
}

/** One way to carry bytes or records. */
export interface Contestant {
  /** Both ends of each channel in this thread. */
  pair?(hand: Hand): Promise<[host: Port, guest: Port][]>;
  /** Starts the guest and gives the host's ends. */
  connect?(launcher: Launcher): Promise<Port[]>;
  /** Gives the guest's ends. `parent` in a thread only. */
  accept?(hand: Hand, parent: Thread | undefined): Promise<Port[]>;
  /** How often trying a call again spared this thread from parking, and how often not. */
  spins?(): { readonly hits: number; readonly misses: number };
}

/** Thrown by a contestant that cannot run here: reported as such, not as a failure. */
export class Skip extends Error {}
