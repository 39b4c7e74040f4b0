/**
 * The runtime's own messages: `postMessage` between threads, a record each or framed by hand and transferred, and the
 * ipc channel of a child process.
 */

import { spawn } from "node:child_process";
import process from "node:process";
import { FramedPort } from "../framed.ts";
import type { Bytes, Contestant, Each, Launcher, Port, Thread } from "../port.ts";

/** How many messages may be under way, so that memory stays bounded. The receiver tells every quarter of it. */
const RECORDS = 1024;
const CHUNKS = 32;

/** A port over messages: bytes as they are, and a number that tells how many have arrived. */
function messagePort({ post, listen }: Thread, window: number): Port {
  let underWay = 0;
  let arrived = 0;
  let resume = () => {};
  let receiver: Each | undefined;
  const kept: Bytes[] = [];
  listen((message) => {
    if (typeof message === "number") {
      underWay -= message;
      return resume();
    }
    arrived += 1;
    if (arrived % (window / 4) === 0) post(window / 4);
    if (receiver === undefined) kept.push(message as Bytes);
    else void receiver(message as Bytes);
  });
  return {
    send(bytes) {
      post(bytes);
      underWay += 1;
      return underWay < window ? undefined : new Promise<void>((resolve) => resume = resolve);
    },
    receive(each) {
      receiver = each;
      for (const bytes of kept.splice(0)) void each(bytes);
      // Messages have no end.
      return new Promise(() => {});
    },
  };
}

function framedByHand({ post, listen }: Thread): Port {
  const transferring = (message: unknown) =>
    message instanceof Uint8Array ? post(message, [message.buffer as ArrayBuffer]) : post(message);
  return new FramedPort({ ...messagePort({ post: transferring, listen }, CHUNKS), retains: true });
}

function ipcHost(launcher: Launcher): Port {
  const [program, args] = launcher.command();
  // What fork does, with the same program.
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit", "ipc"], serialization: "advanced" });
  launcher.started(child.pid!);
  return messagePort({
    post: (message) => void child.send(message as object),
    listen: (listener) => void child.on("message", listener),
  }, RECORDS);
}

const ipcGuest = () =>
  messagePort({
    post: (message) => void process.send!(message),
    listen: (listener) => void process.on("message", listener),
  }, RECORDS);

/** The contestant of that name. */
export function contestant(name: string): Contestant {
  if (name === "child process ipc") {
    return {
      host: (launcher) => Promise.resolve(ipcHost(launcher)),
      guest: () => Promise.resolve(ipcGuest()),
    };
  }
  const portOf = name === "postMessage" ? (thread: Thread) => messagePort(thread, RECORDS) : framedByHand;
  return {
    host: (launcher) => Promise.resolve(portOf(launcher.thread())),
    guest: (_hand, parent) => Promise.resolve(portOf(parent!)),
  };
}
