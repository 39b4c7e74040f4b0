/** The two directions of one end in two workers: each has a duplicate of the descriptor, made by sending it as a number. */

import { SocketEnd, socketpair, type TransferToken } from "../../mod.ts";
import { assert, CONNECTED, test } from "../_support.ts";
import { leavesNothing } from "../children/_census.ts";
import { hire, KINDS } from "../children/_hire.ts";
import type { Orders } from "../peers/transfers.ts";

const SCRIPT = "../peers/transfers.ts";

/** Tokens for so many duplicates of an end, which is closed here. */
async function duplicates(end: SocketEnd, count: number): Promise<TransferToken[]> {
  await using carrier = socketpair({ type: "seqpacket", chunks: "messages" });
  const descriptors = Array.from({ length: count - 1 }, () => end.fd);
  await carrier[0].writable.getWriter().write({ data: new Uint8Array(1), descriptors: [...descriptors, end] });
  const { value } = await carrier[1].readable.getReader().read();
  return value!.descriptors.map((descriptor) => SocketEnd.from(descriptor).transfer());
}

for (const [kind, skip] of KINDS) {
  for (const type of CONNECTED) {
    test(`SocketEnd read in one worker and written in another: ${type}, ${kind}`, () =>
      leavesNothing(async () => {
        const [mine, theirs] = socketpair({ type });
        const [toRead, toWrite] = await duplicates(theirs, 2) as [TransferToken, TransferToken];
        const whole: Orders = { task: "echo", tokens: [mine.transfer()] };
        const echoing = hire(kind, SCRIPT, whole);
        const reading = hire(kind, SCRIPT, { task: "read half", tokens: [toRead] } satisfies Orders);
        const writing = hire(kind, SCRIPT, { task: "write half", tokens: [toWrite], count: 1000 } satisfies Orders);
        assert.equal(await reading.message(), await writing.message());
        assert.equal(await echoing.message(), "echoed");
        await Promise.all([echoing, reading, writing].map((worker) => worker.ended));
      }), { census: false, skip });
  }
}
