/** What a contestant provides, so that the loops in `workloads.ts` run over it. */

export type Runtime = "deno" | "bun" | "node";
export type Bytes = Uint8Array<ArrayBuffer>;

/** What the host and the guest do with each other; `README.md` of the results says it at length. */
export type Workload = "chunks" | "records" | "framed" | "round trips" | "thought" | "worker" | "start";

/** What a workload does with the bytes that it gets. A port waits for the promise before it gives more, if it can. */
export type Each = (bytes: Bytes) => void | Promise<unknown>;

/** One end of a channel. */
export interface Port {
  /** Sends bytes: one record, where the channel has records. A promise if the next call may only follow when it resolves. */
  send(bytes: Bytes): void | Promise<unknown>;
  /** Sends what `send` has kept back, where it does. */
  flush?(): void | Promise<unknown>;
  /** Gives all that arrives to `each`, one record at a time where the channel has records. Resolves at the end. */
  receive(each: Each): Promise<void>;
}

/** What both sides know of each other. */
export interface Hand {
  readonly contestant: string;
  readonly workload: Workload;
  /** A socket path. */
  readonly path: string;
  /** This module: the one under test, or the one that it is compared with. */
  readonly module: string;
  /** The guest's descriptors. */
  readonly fds: readonly number[];
}

/** The other thread: messages as the runtime's own postMessage carries them. */
export interface Thread {
  post(message: unknown, transfer?: ArrayBuffer[]): void;
  listen(listener: (message: unknown) => void): void;
}

/** How the host starts its guest. */
export interface Launcher {
  readonly hand: Hand;
  /** Starts it in a process that inherits the descriptors, or in the workload "worker" in a thread. */
  start(fds?: readonly number[]): void;
  /** Starts it in a thread. */
  thread(fds?: readonly number[]): Thread;
  /** The program and the arguments, for a contestant that starts the process itself. */
  command(): [program: string, args: string[]];
  /** To be told of a process that the contestant has started itself. */
  started(pid: number): void;
}

/** One way to carry bytes or records. */
export interface Contestant {
  /** Starts the guest and gives the host's end. */
  host(launcher: Launcher): Promise<Port>;
  /** Gives the guest's end. `parent` in a thread only. */
  guest(hand: Hand, parent: Thread | undefined): Promise<Port>;
}

/** Thrown by a contestant that cannot run here: the report says so, and it is no failure. */
export class Skip extends Error {}
