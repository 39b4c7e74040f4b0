/** Ends that go to workers by token, from worker to worker, and back. */

import { SocketEnd, socketpair, type TransferToken } from "../../mod.ts";
import { assert, CONNECTED, test } from "../_support.ts";
import { leavesNothing } from "../children/_census.ts";
import { hire, KINDS } from "../children/_hire.ts";
import type { Orders } from "../peers/transfers.ts";

const SCRIPT = "../peers/transfers.ts";

/** What `pass on` tells. */
interface Passed {
  value: Uint8Array;
  token: TransferToken;
}

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

function orders(all: Orders): Orders {
  return all;
}

for (const [kind, skip] of KINDS) {
  const workerTest = (name: string, body: () => Promise<void>): void =>
    test(`${name}: ${kind}`, () => leavesNothing(body), { census: false, skip });

  workerTest("receive() in a worker has what was transferred here, in its first orders", async () => {
    const [mine, theirs] = socketpair({ type: "seqpacket" });
    const worker = hire(kind, SCRIPT, orders({ task: "echo", tokens: [theirs.transfer()] }));
    await echoes(mine);
    assert.equal(await worker.message(), "echoed");
    await worker.ended;
  });

  workerTest("receive() in a worker that was running before", async () => {
    const worker = hire(kind, SCRIPT);
    const [mine, theirs] = socketpair({ type: "seqpacket" });
    worker.post(orders({ task: "echo", tokens: [theirs.transfer()] }));
    await echoes(mine);
    assert.equal(await worker.message(), "echoed");
    await worker.ended;
  });

  workerTest("receive() here has what a worker has transferred", async () => {
    const worker = hire(kind, SCRIPT, orders({ task: "make" }));
    const end = SocketEnd.from(await worker.message() as TransferToken);
    await echoes(end);
    assert.equal(await worker.message(), "made");
    await worker.ended;
  });

  workerTest("receive() in one worker has what another worker has transferred", async () => {
    const reading = hire(kind, SCRIPT, orders({ task: "make and read" }));
    const tokens = [await reading.message() as TransferToken];
    const writing = hire(kind, SCRIPT, orders({ task: "write", tokens, count: 200 }));
    assert.equal(await reading.message(), await writing.message());
    await Promise.all([reading.ended, writing.ended]);
  });

  workerTest("transfer() from hand to hand takes along what each hand had received ahead", async () => {
    const [mine, theirs] = socketpair({ framing: "uint32le" });
    for (let byte = 0; byte < 6; byte += 1) await mine.write(new Uint8Array([byte]));
    await mine.flush();
    let token = theirs.transfer();
    for (const byte of [0, 1, 2]) {
      const worker = hire(kind, SCRIPT, orders({ task: "pass on", tokens: [token] }));
      const passed = await worker.message() as Passed;
      assert.deepEqual(passed.value, new Uint8Array([byte]));
      const bytes = (passed.token.unread as Uint8Array[]).map(({ byteLength }) => byteLength);
      assert.deepEqual(bytes, [5 * (5 - byte)]);
      token = passed.token;
      assert.equal(await worker.message(), "passed on");
      await worker.ended;
    }
    const end = SocketEnd.from(token, { framing: "uint32le" });
    const reader = end.readable.getReader();
    for (const byte of [3, 4, 5]) assert.deepEqual((await reader.read()).value, new Uint8Array([byte]));
    await Promise.all([mine.close(), end.close()]);
  });

  for (const type of CONNECTED) {
    workerTest(`SocketEnd joins a writer in one worker and a reader in another, ${type}`, async () => {
      const [left, right] = socketpair({ type });
      const reading = hire(kind, SCRIPT, orders({ task: "read", tokens: [right.transfer()] }));
      const writing = hire(kind, SCRIPT, orders({ task: "write", tokens: [left.transfer()], count: 2000 }));
      assert.equal(await reading.message(), await writing.message());
      await Promise.all([reading.ended, writing.ended]);
    });

    workerTest(`SocketEnd whose reader waits in one worker stops the writer in another, ${type}`, async () => {
      const [left, right] = socketpair({ type });
      const written = new SharedArrayBuffer(8);
      const counts = new Int32Array(written);
      const reading = hire(kind, SCRIPT, orders({ task: "read", tokens: [right.transfer()], shared: written }));
      const tokens = [left.transfer()];
      const writing = hire(kind, SCRIPT, orders({ task: "write", tokens, count: 500, shared: written }));
      const deadline = Date.now() + 5000;
      for (let before = -1; before !== counts[0] || before === 0;) {
        before = Atomics.load(counts, 0);
        assert.ok(Date.now() < deadline, "the writer neither begins nor stops");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      // At about 10 KB each, and 212,992 bytes of buffer in between.
      assert.ok(counts[0]! < 100, `${counts[0]} of 500 records were written before any was read`);
      Atomics.store(counts, 1, 1);
      Atomics.notify(counts, 1);
      assert.equal(await reading.message(), await writing.message());
      await Promise.all([reading.ended, writing.ended]);
    });
  }
}
