/** A thread as the runtime's own users start one: `Worker` in Deno and Bun, `node:worker_threads` in Node. */

import { parentPort, Worker as NodeWorker } from "node:worker_threads";
import type { Thread } from "./port.ts";

interface WebWorker {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: ((event: { message?: string }) => void) | null;
}

const web = "Deno" in globalThis || "Bun" in globalThis;
const { Worker: WebWorker } = globalThis as unknown as {
  Worker: new (url: string, options: { type: "module" }) => WebWorker;
};

/** Keeps messages until there is a listener: what comes while modules are loaded must not be lost. */
class Mailbox {
  #listener: ((message: unknown) => void) | undefined;
  #kept: unknown[] = [];

  readonly take = (message: unknown): void => {
    if (this.#listener === undefined) this.#kept.push(message);
    else this.#listener(message);
  };

  readonly listen = (listener: ((message: unknown) => void) | undefined): void => {
    this.#listener = listener;
    if (listener !== undefined) { for (const message of this.#kept.splice(0)) listener(message); }
  };
}

/** Starts a thread on a module. */
export function startThread(url: URL, failed: (reason: unknown) => void): Thread {
  const { take, listen } = new Mailbox();
  if (!web) {
    const worker = new NodeWorker(url);
    worker.on("message", take);
    worker.on("error", failed);
    return { post: (message, transfer) => worker.postMessage(message, transfer), listen };
  }
  const worker = new WebWorker(url.href, { type: "module" });
  worker.onmessage = ({ data }) => take(data);
  worker.onerror = (event) => failed(new Error(event.message ?? "The thread has failed"));
  return { post: (message, transfer) => worker.postMessage(message, transfer), listen };
}

/** This thread's parent, and its first message. To be called before anything is awaited. */
export function parentThread(): { first: Promise<unknown>; parent: Thread } {
  const { take, listen } = new Mailbox();
  const scope = globalThis as unknown as WebWorker;
  if (web) scope.onmessage = ({ data }) => take(data);
  else parentPort!.on("message", take);
  const first = new Promise<unknown>((resolve) =>
    listen((message) => {
      listen(undefined);
      resolve(message);
    })
  );
  const port = web ? scope : parentPort!;
  return { first, parent: { post: (message, transfer) => port.postMessage(message, transfer), listen } };
}
