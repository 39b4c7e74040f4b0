/** For scripts that run in a worker: the thread that started it, whichever kind of worker it is. */

import { parentPort, workerData } from "node:worker_threads";

/** As much of a web worker's global object as is used here. */
interface WebWorkerScope {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

const scope = globalThis as unknown as WebWorkerScope;

/** Tells the thread that started this one. */
export function tell(message: unknown): void {
  if (parentPort !== null) parentPort.postMessage(message);
  else scope.postMessage(message);
}

/** The next message; nothing is listened to before and after, so that the worker can end by itself. */
export function nextMessage<T>(): Promise<T> {
  return new Promise((resolve) => {
    if (parentPort !== null) parentPort.once("message", resolve);
    else scope.onmessage = ({ data }) => resolve(data as T);
  });
}

/** What the worker was started with, or its first message. */
export async function orders<T>(): Promise<T> {
  return (workerData as T | null | undefined) ?? await nextMessage<T>();
}

/**
 * The last thing that a worker does: a web worker of Deno does not end by itself. Its `close()` is as abrupt as being
 * terminated, so the thread that polled, and that was told to stop, gets a moment to come home.
 */
export function finished(message: unknown): void {
  tell(message);
  if (parentPort === null) setTimeout(() => scope.close(), 50);
}
