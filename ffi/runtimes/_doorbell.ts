import { builtin } from "./_builtin.ts";
import type { NodeWorker } from "./_types.ts";

const LOOP = `
const { parentPort } = process.getBuiltinModule("node:worker_threads");
parentPort.on("message", ({ address, count }) => {
  poll(address, count);
  parentPort.postMessage(0);
});
`;

/**
 * A thread of ours that blocks in poll(2) and posts a message when it returns. The first poll starts it.
 *
 * Its source is inline, so that bundlers and registries need no second file.
 */
export class Doorbell {
  readonly #prelude: string;
  readonly #asModule: boolean;
  #worker: NodeWorker | undefined;
  readonly #returned: (() => void)[] = [];
  readonly #users = new Set<object>();

  /**
   * @param prelude Source that defines `poll(address, count)` in the thread
   * @param asModule Whether the source is given as a `data:` module and not as a script to evaluate
   */
  constructor(prelude: string, asModule: boolean) {
    this.#prelude = prelude;
    this.#asModule = asModule;
  }

  /** Polls `count` pollfds at `address`, then calls `returned`. Polls are made one after the other. */
  poll(address: number, count: number, returned: () => void): void {
    this.#returned.push(returned);
    (this.#worker ??= this.#start()).postMessage({ address, count });
  }

  /** Sets whether one of its users wants the thread to keep the process alive. */
  hold(user: object, alive: boolean): void {
    const held = this.#users.size > 0;
    if (alive) this.#users.add(user);
    else this.#users.delete(user);
    if (held === this.#users.size > 0) return;
    if (held) this.#worker?.unref();
    else this.#worker?.ref();
  }

  #start(): NodeWorker {
    const { Worker } = builtin("node:worker_threads");
    const source = this.#prelude + LOOP;
    const worker = this.#asModule
      ? new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`))
      : new Worker(source, { eval: true });
    worker.on("message", () => this.#returned.shift()?.());
    if (this.#users.size === 0) worker.unref();
    return worker;
  }
}

let current: Doorbell | undefined;

/** The doorbell of this thread. There is only one, because starting it is expensive. */
export function doorbell(prelude: string, asModule: boolean): Doorbell {
  return current ??= new Doorbell(prelude, asModule);
}
