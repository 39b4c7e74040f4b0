/** A thread as the runtime's own users start one: `Worker` in Deno and Bun, `node:worker_threads` in Node. */

import { parentPort, Worker as NodeWorker } from "node:worker_threads";
import type { Thread } from "./port.ts";

/** Keeps messages until somebody listens: what comes while modules are loaded must not be lost. */
class Mailbox {
  #listener: ((message: unknown) => void) | undefined;
  #kept: unknown[] = [];

  readonly take = (message: unknown): void => {
    if (this.#listener === undefined) this.#kept.push(message);
    else this.#listener(message);
  };

  listen(listener: ((message: unknown) => void) | undefined): void {
    this.#listener = listener;
    if (listener !== undefined) { for (const message of this.#kept.splice(0)) listener(message); }
  }
}

interface WebWorker {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  onerror: ((event: { message?: string }) => void) | null;
  terminate(): void;
}

const { Worker: WebWorker, Deno, Bun } = globalThis as unknown as {
  Worker: new (url: string, options: { type: "module" }) => WebWorker;
  Deno?: unknown;
  Bun?: unknown;
};
const web = Deno !== undefined || Bun !== undefined;

/** Starts a thread on a module. */
export function startThread(url: URL, failed: (reason: unknown) => void): Thread & { stop(): void } {
  const mailbox = new Mailbox();
  const listen = (listener: (message: unknown) => void) => mailbox.listen(listener);
  if (!web) {
    const worker = new NodeWorker(url);
    worker.on("message", mailbox.take);
    worker.on("error", failed);
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      listen,
      stop: () => void worker.terminate(),
    };
  }
  const worker = new WebWorker(url.href, { type: "module" });
  worker.onmessage = ({ data }) => mailbox.take(data);
  worker.onerror = (event) => failed(new Error(event.message ?? "The thread has failed"));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    listen,
    stop: () => worker.terminate(),
  };
}

/** This thread's parent. To be called before anything is awaited. */
export function parentThread(): { first: Promise<unknown>; parent: Thread } {
  const mailbox = new Mailbox();
  const scope = globalThis as unknown as Pick<WebWorker, "postMessage" | "onmessage">;
  if (web) scope.onmessage = ({ data }) => mailbox.take(data);
  else parentPort!.on("message", mailbox.take);
  const first = new Promise<unknown>((resolve) =>
    mailbox.listen((message) => {
      mailbox.listen(undefined);
      resolve(message);
    })
  );
  return {
    first,
    parent: {
      post: (message, transfer) => (web ? scope : parentPort as unknown as typeof scope).postMessage(message, transfer),
      listen: (listener) => mailbox.listen(listener),
    },
  };
}
