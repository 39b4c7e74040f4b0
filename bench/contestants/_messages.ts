import type { Port, Workload } from "../port.ts";

/** A channel of messages without backpressure. */
export interface Messages {
  post(message: unknown): void;
  listen(listener: (message: unknown) => void): void;
}

/** How many messages may be under way, so that memory stays bounded: 2 MiB in W1. The receiver says every quarter of it. */
const WINDOW: Record<Workload, number> = { W1: 32, W2: 1024, W3: 1024, W4: 1024, W5: 1024 };

/** A port over messages: bytes as they are, and a number that says how many have arrived. */
export function messagePort({ post, listen }: Messages, workload: Workload): Port {
  const window = WINDOW[workload];
  let underWay = 0;
  let arrived = 0;
  let resume: (() => void) | undefined;
  let each: ((bytes: Uint8Array<ArrayBuffer>) => void) | undefined;
  const kept: Uint8Array<ArrayBuffer>[] = [];
  listen((message) => {
    if (typeof message === "number") {
      underWay -= message;
      resume?.();
      resume = undefined;
      return;
    }
    arrived += 1;
    if (arrived % (window / 4) === 0) post(window / 4);
    if (each === undefined) kept.push(message as Uint8Array<ArrayBuffer>);
    else each(message as Uint8Array<ArrayBuffer>);
  });
  return {
    send(bytes) {
      post(bytes);
      underWay += 1;
      return underWay < window ? undefined : new Promise((resolve) => resume = resolve);
    },
    receive(listener) {
      each = listener;
      for (const bytes of kept.splice(0)) listener(bytes);
    },
  };
}
