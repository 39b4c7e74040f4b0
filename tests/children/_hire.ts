/** For tests: workers of both kinds behind one face. */

import { Worker as ThreadWorker } from "node:worker_threads";
import "./_warm_up.ts";
import { runtime } from "../_support.ts";

/** Which worker: of `node:worker_threads`, or the web's. */
export type Kind = "worker_threads" | "Worker";

/** The kinds, each with why it is skipped if it is. */
export const KINDS: readonly (readonly [Kind, string | false])[] = [
  ["worker_threads", false],
  ["Worker", runtime === "node" && "Node has no web Worker"],
];

/** A worker. */
export interface Hired {
  post(message: unknown): void;
  /** The next message that it sends. Rejects if it fails or ends before. */
  message(): Promise<unknown>;
  /** Its exit code; only for `node:worker_threads`. */
  readonly ended: Promise<number>;
  terminate(): Promise<unknown>;
}

/** Starts a worker on a script of `tests/children/`, with its orders. */
export function hire(kind: Kind, script: string, orders?: unknown): Hired {
  const url = new URL(script, import.meta.url);
  return kind === "worker_threads" ? ofThreads(url, orders) : ofTheWeb(url, orders);
}

/** Messages in the order of their arrival, and whatever ends them. */
function mailbox(): { put(message: unknown): void; fail(error: unknown): void; take(): Promise<unknown> } {
  const unread: Promise<unknown>[] = [];
  const waiting: PromiseWithResolvers<unknown>[] = [];
  const next = (): PromiseWithResolvers<unknown> => {
    const reserved = waiting.shift();
    if (reserved !== undefined) return reserved;
    const fresh = Promise.withResolvers<unknown>();
    fresh.promise.catch(() => {});
    unread.push(fresh.promise);
    return fresh;
  };
  return {
    put: (message) => next().resolve(message),
    fail: (error) => next().reject(error),
    take() {
      const arrived = unread.shift();
      if (arrived !== undefined) return arrived;
      const fresh = Promise.withResolvers<unknown>();
      waiting.push(fresh);
      return fresh.promise;
    },
  };
}

function ofThreads(url: URL, orders: unknown): Hired {
  const worker = new ThreadWorker(url, { workerData: orders });
  const { put, fail, take } = mailbox();
  worker.on("message", put);
  worker.on("error", fail);
  const ended = new Promise<number>((resolve) => worker.on("exit", resolve));
  void ended.then((code) => fail(new Error(`The worker has ended with code ${code}`)));
  return { post: (message) => worker.postMessage(message), message: take, ended, terminate: () => worker.terminate() };
}

function ofTheWeb(url: URL, orders: unknown): Hired {
  const worker = new Worker(url, { type: "module" });
  const { put, fail, take } = mailbox();
  worker.onmessage = ({ data }) => put(data);
  worker.onerror = (event) => {
    event.preventDefault();
    fail(new Error(event.message));
  };
  if (orders !== undefined) worker.postMessage(orders);
  return {
    post: (message) => worker.postMessage(message),
    message: take,
    ended: Promise.resolve(0),
    terminate: () => Promise.resolve(worker.terminate()),
  };
}
