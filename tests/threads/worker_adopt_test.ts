/** Ends that go to workers, and pairs inside workers. */

import { SocketEnd, socketpair } from "../../mod.ts";
import { assert, test } from "../_support.ts";
import { leavesNothing } from "../children/_census.ts";
import { hire, KINDS } from "../children/_hire.ts";

async function echoes(end: SocketEnd): Promise<void> {
  const writer = end.writable.getWriter();
  const reader = end.readable.getReader();
  for (const size of [1, 100, 10_000, 100_000]) {
    const record = new Uint8Array(size).fill(size);
    await writer.write(record);
    assert.deepEqual((await reader.read()).value, record);
  }
  await writer.close();
  assert.equal((await reader.read()).done, true);
}

/** The census counts numbers here: see `leavesNothing`. */
function workerTest(name: string, skip: string | false, body: () => Promise<void>): void {
  test(name, () => leavesNothing(body), { census: false, skip });
}

for (const [kind, skip] of KINDS) {
  workerTest(`SocketEnd.from() adopts in a worker what was detached here: ${kind}`, skip, async () => {
    const [mine, theirs] = socketpair({ type: "seqpacket" });
    const worker = hire(kind, "worker.ts", { task: "echo", fd: theirs.detach().fd });
    await echoes(mine);
    assert.equal(await worker.message(), "echoed");
    assert.equal(await worker.ended, 0);
  });

  workerTest(`SocketEnd.from() adopts in a worker that was running before: ${kind}`, skip, async () => {
    const worker = hire(kind, "worker.ts");
    const [mine, theirs] = socketpair({ type: "seqpacket" });
    worker.post({ task: "echo", fd: theirs.detach().fd });
    await echoes(mine);
    assert.equal(await worker.message(), "echoed");
    assert.equal(await worker.ended, 0);
  });

  workerTest(`SocketEnd joins two workers: ${kind}`, skip, async () => {
    const [left, right] = socketpair({ type: "seqpacket" });
    const echoing = hire(kind, "worker.ts", { task: "echo", fd: left.detach().fd });
    const exchanging = hire(kind, "worker.ts", { task: "exchange", fd: right.detach().fd, count: 500 });
    assert.equal(await exchanging.message(), 500);
    assert.equal(await echoing.message(), "echoed");
    assert.deepEqual(await Promise.all([echoing.ended, exchanging.ended]), [0, 0]);
  });

  workerTest(`socketpair() makes pairs inside a worker: ${kind}`, skip, async () => {
    const worker = hire(kind, "worker.ts", { task: "inside" });
    assert.equal(await worker.message(), 200);
    assert.equal(await worker.ended, 0);
  });

  workerTest(`detach() in a worker lets this thread go on with the end: ${kind}`, skip, async () => {
    const [mine, theirs] = socketpair({ type: "seqpacket" });
    const worker = hire(kind, "worker.ts", { task: "hand back", fd: theirs.detach().fd });
    const writer = mine.writable.getWriter();
    await writer.write(new Uint8Array([1]));
    const back = SocketEnd.from(await worker.message() as number);
    await writer.write(new Uint8Array([2]));
    assert.deepEqual((await back.readable.getReader().read()).value, new Uint8Array([2]));
    worker.post("end");
    assert.equal(await worker.message(), "handed back");
    await worker.ended;
    await Promise.all([mine.close(), back.close()]);
  });
}
