/** Comes into the situation that its first argument names. Whether the process ends then is what the test looks at. */

import process from "node:process";
import { SocketEnd, socketpair } from "../../mod.ts";
import { write } from "../../ffi/mod.ts";
import type { SocketType } from "../../ffi/socket_type.ts";

const [situation = "", type = "stream"] = process.argv.slice(2) as [string?, SocketType?];
const BIG = new Uint8Array(1024 * 1024);
/** Both ends of every pair: one that is not referred to would be closed by the collector, and so end the other's wait. */
const kept: SocketEnd[] = [];
// Not even a module's own variables are held once all its code has run.
Object.assign(globalThis, { kept });

function pair(): [SocketEnd, SocketEnd] {
  const [left, right] = socketpair({ type });
  kept.push(left, right);
  return [left, right];
}

function later(action: () => unknown): void {
  setTimeout(action, 200);
}

/** An end whose read is pending. */
function reading(): [SocketEnd, ReadableStreamDefaultReader<Uint8Array>] {
  const [left] = pair();
  const reader = left.readable.getReader();
  reader.read().then(({ done }) => console.log(`read done=${done}`), () => console.log("read failed"));
  return [left, reader];
}

/** An end whose write is pending. */
function writing(end: SocketEnd = pair()[0]): WritableStreamDefaultWriter {
  const writer = end.writable.getWriter();
  writer.closed.catch(() => {});
  const chunk = end.type === "stream" ? BIG : BIG.subarray(0, 64 * 1024);
  for (let count = 0; count < 8; count += 1) {
    writer.write(chunk).catch((error?: { code?: string }) => console.log(`write failed: ${error?.code ?? ""}`));
  }
  return writer;
}

const situations: Record<string, () => unknown> = {
  "idle": () => pair(),
  "idle with an unread record": async () => {
    const [left, right] = pair();
    await right.write(new Uint8Array(3));
    await left.read(new Uint8Array(2)).catch((error) => console.log(String(error)));
  },
  "read": reading,
  "read, cancelled": () => {
    const [, reader] = reading();
    later(() => reader.cancel());
  },
  "read, closed": () => {
    const [end] = reading();
    later(() => end.close());
  },
  "read, detached": () => {
    const [end] = reading();
    later(() => end.detach());
  },
  "read adopted": async () => {
    const { done } = await SocketEnd.from(3).readable.getReader().read();
    console.log(`read done=${done}`);
  },
  "write": () => writing(),
  "write, aborted": () => {
    const writer = writing();
    later(() => writer.abort());
  },
  "write adopted": () => writing(SocketEnd.from(3)),
  "unref, then read": () => {
    const [left] = pair();
    left.unref();
    left.readable.getReader().read();
  },
  "read, then unref": () => reading()[0].unref(),
  "write, then unref": () => {
    const [left] = pair();
    writing(left);
    left.unref();
  },
  "read, unref later": () => {
    const [end] = reading();
    later(() => end.unref());
  },
  "read, unref, ref": () => {
    const [end] = reading();
    end.unref();
    end.ref();
  },
  "read, unref, ref soon": () => {
    const [end] = reading();
    end.unref();
    setTimeout(() => end.ref(), 20);
  },
  "read, unref, ref late": () => {
    const [end] = reading();
    end.unref();
    setTimeout(() => end.ref(), 400);
  },
  "read, unref, another read late": () => {
    reading()[0].unref();
    setTimeout(reading, 400);
  },
  "two reads, one unref": () => {
    reading();
    reading()[0].unref();
  },
  "unref, and data at the end": () => {
    const [left, right] = pair();
    left.readable.getReader().read();
    left.unref();
    // As from another process: an end in this thread would have the read resolved by the write itself.
    const { fd } = right.detach();
    process.on("exit", () => write(fd, new Uint8Array(1)));
    later(() => {});
  },
  "closed on exit": () => {
    const [left] = pair();
    left.readable.getReader().read();
    left.unref();
    process.on("exit", () => left[Symbol.dispose]());
    later(() => {});
  },
  "closed, then exit": () => {
    const [left] = reading();
    later(() => {
      left[Symbol.dispose]();
      process.exit(7);
    });
  },
  "exit": () => {
    reading();
    writing();
    later(() => process.exit(7));
  },
  "throw": () => {
    reading();
    writing();
    later(() => {
      throw new Error("thrown on purpose");
    });
  },
};

situations[situation]!();
console.log("waiting");
