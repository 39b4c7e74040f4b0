/** What a worker does with the tokens in its orders. */

import { createHash } from "node:crypto";
import { SocketEnd, socketpair, type TransferToken } from "../../mod.ts";
import { close } from "../../ffi/mod.ts";
import { finished, nextMessage, orders, tell } from "../children/_port.ts";

/** What the test asks for. */
export interface Orders {
  readonly task:
    | "echo"
    | "pass on"
    | "make"
    | "make and read"
    | "write"
    | "read"
    | "write half"
    | "read half"
    | "race"
    | "hold"
    | "churn";
  readonly tokens?: readonly TransferToken[];
  /** How many records to write. */
  readonly count?: number;
  /** One int: 0 until all are to begin; or how many records were written. */
  readonly shared?: SharedArrayBuffer;
}

const { task, tokens = [], count = 0, shared = new SharedArrayBuffer(4) } = await orders<Orders>();
const gate = new Int32Array(shared);
const kept: unknown[] = [];
let last: unknown;

/** Counts in `gate` how many the kernel has taken. */
async function write(end: SocketEnd): Promise<string> {
  const hash = createHash("sha1");
  const writer = end.writable.getWriter();
  for (let number = 0; number < count; number += 1) {
    const record = new Uint8Array(1 + (number * 7919) % 20_000).fill(number);
    hash.update(record);
    await writer.write(record);
    Atomics.add(gate, 0, 1);
  }
  await writer.close();
  return hash.digest("hex");
}

async function read(end: SocketEnd): Promise<string> {
  const hash = createHash("sha1");
  for await (const record of end.readable) hash.update(record);
  return hash.digest("hex");
}

/** Spins, so that all begin at the same time. */
function begin(): void {
  tell("ready");
  while (Atomics.load(gate, 0) === 0);
}

function tryToReceive(token: TransferToken): SocketEnd | undefined {
  try {
    return SocketEnd.from(token);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

switch (task) {
  case "echo": {
    const end = SocketEnd.from(tokens[0]!);
    await end.readable.pipeTo(end.writable);
    await end.closed;
    last = "echoed";
    break;
  }
  case "pass on":
    // Reads one record, and sends the rest on. With framing what has arrived is received at once.
    for (const token of tokens) {
      const end = SocketEnd.from(token, { framing: "uint32le" });
      const { value } = await end.readable.getReader().read();
      tell({ value, token: end.transfer() });
    }
    last = "passed on";
    break;
  case "make":
  case "make and read": {
    const [mine, theirs] = socketpair({ type: "seqpacket" });
    tell(theirs.transfer());
    if (task === "make") await mine.readable.pipeTo(mine.writable);
    const digest = task === "make" ? "made" : await read(mine);
    await mine.close();
    last = digest;
    break;
  }
  case "write": {
    const end = SocketEnd.from(tokens[0]!);
    const digest = await write(end);
    await end.close();
    last = digest;
    break;
  }
  case "read": {
    if (shared.byteLength === 8) { while (Atomics.wait(gate, 1, 0) === "ok"); }
    const end = SocketEnd.from(tokens[0]!);
    const digest = await read(end);
    await end.close();
    last = digest;
    break;
  }
  case "write half":
  case "read half": {
    // The other direction is another owner's: nothing may shut it down, as close() would.
    const end = SocketEnd.from(tokens[0]!);
    const digest = task === "write half" ? await write(end) : await read(end);
    if (end.fd !== -1) close(end.detach().fd);
    last = digest;
    break;
  }
  case "race": {
    begin();
    const had = tokens.map(tryToReceive);
    for (const end of had) await end?.close();
    last = had.map((end) => end !== undefined);
    break;
  }
  case "hold":
    // Either before it has received anything, or with a read pending.
    for (let received = 0; received < count; received += 1) {
      const end = SocketEnd.from(tokens[received]!);
      kept.push(end, end.readable.getReader().read());
    }
    tell("holding");
    await nextMessage();
    break;
  case "churn":
    // Receives and keeps, until it is terminated in the middle of that. The first end takes the longest.
    socketpair()[Symbol.dispose]();
    begin();
    for (const [index, token] of tokens.entries()) {
      kept.push(tryToReceive(token));
      // Deno lets code run on that does not give way to the event loop.
      if (index % 20 === 19) await new Promise((resolve) => setTimeout(resolve));
    }
    tell("all received");
    await nextMessage();
}
// What the ends have waited with is given back only a moment after them.
await new Promise((resolve) => setTimeout(resolve, 100));
// Deno keeps two descriptors of a web worker that closes itself before its module has come to the end.
finished(last);
