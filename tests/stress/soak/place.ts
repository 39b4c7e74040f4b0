/** Where an end can be played: in this thread, in a worker of this process, in another process. */

import { readdirSync } from "node:fs";
import process from "node:process";
import type { SocketEnd } from "@socketpair/streams";
import { type MessageEnd, runtime } from "../../_support.ts";
import { descriptors } from "../../children/_census.ts";
import { hire } from "../../children/_hire.ts";
import type { Report, Task } from "./flow.ts";
import { play } from "./play.ts";

/** Plays an end that is handed over. */
export type Place = (end: SocketEnd, task: Task) => Promise<Report>;

/** What is told of a task that is over. */
export interface Outcome {
  readonly id: string;
  readonly report?: Report;
  readonly error?: string;
}

/** How much of everything a process has. */
export interface Census {
  readonly rss: number;
  readonly threads: number;
  readonly descriptors: number;
}

export function census(): Census {
  return {
    rss: process.memoryUsage().rss,
    threads: readdirSync("/proc/self/task").length,
    descriptors: Object.values(descriptors()).reduce((sum, count) => sum + count),
  };
}

/** Those that wait for something with a name. */
export class Pending<T> {
  readonly #waiting = new Map<string, PromiseWithResolvers<T>>();

  get names(): string[] {
    return [...this.#waiting.keys()];
  }

  wait(name: string): Promise<T> {
    const waiting = Promise.withResolvers<T>();
    this.#waiting.set(name, waiting);
    return waiting.promise;
  }

  settle(name: string, value: T | undefined, error?: string): void {
    const waiting = this.#waiting.get(name);
    this.#waiting.delete(name);
    if (value === undefined) waiting?.reject(new Error(error));
    else waiting?.resolve(value);
  }

  failAll(error: string): void {
    for (const name of this.names) this.settle(name, undefined, error);
  }
}

export const here: Place = play;

/** Starts a worker. It runs until the process ends. */
export function inWorker(): Place {
  const worker = hire(runtime === "node" ? "worker_threads" : "Worker", "../stress/soak/worker.ts");
  const pending = new Pending<Report>();
  void (async () => {
    for (;;) {
      const { id, report, error } = await worker.message() as Outcome;
      pending.settle(id, report, error);
    }
  })().catch((error) => pending.failAll(String(error)));
  return (end, task) => {
    const report = pending.wait(task.id);
    worker.post({ token: end.transfer(), task });
    return report;
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Says something in JSON, with a descriptor if it needs one. */
export function sayer(control: MessageEnd): (words: unknown, end?: SocketEnd) => Promise<void> {
  const writer = control.writable.getWriter();
  return (words, end) =>
    writer.write({ data: encoder.encode(JSON.stringify(words)), descriptors: end === undefined ? [] : [end] });
}

export function heard<T>(data: Uint8Array): T {
  return JSON.parse(decoder.decode(data)) as T;
}
