/** peerClosed: that the peer is gone, without a read or a write. */

import { socketpair } from "../../mod.ts";
import { assert, delay, runScript, test } from "../_support.ts";
import { handOver } from "../children/_start.ts";

/** Whether a promise is still pending after some turns of the event loop. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  return await Promise.race([promise.then(() => false), delay(30, true)]);
}

// In Deno a wait that holds no process goes to a Worker, whose runtime keeps descriptors of its own for good.
test("peerClosed resolves the first time in a process", async () => {
  await using pair = socketpair();
  const gone = pair[0].peerClosed;
  await pair[1].close();
  await gone;
}, { census: false });

for (const type of ["stream", "seqpacket"] as const) {
  for (const how of ["close", "dispose"] as const) {
    test(`${type}: peerClosed resolves when the peer is closed, and what it had sent stays: ${how}`, async () => {
      await using pair = socketpair({ type });
      const gone = pair[0].peerClosed;
      await pair[1].write(new Uint8Array([5]));
      assert.ok(await isPending(gone));
      if (how === "close") await pair[1].close();
      else pair[1][Symbol.dispose]();
      await gone;
      assert.deepEqual((await pair[0].readable.getReader().read()).value, new Uint8Array([5]));
    });
  }

  test(`${type}: peerClosed is the same promise each time, and resolves also if it is asked for late`, async () => {
    await using pair = socketpair({ type });
    await pair[1].close();
    assert.equal(pair[0].peerClosed, pair[0].peerClosed);
    await pair[0].peerClosed;
  });

  test(`${type}: peerClosed does not resolve when the peer has only ended its direction`, async () => {
    await using pair = socketpair({ type });
    await pair[1].closeWrite();
    assert.equal(await pair[0].read(new Uint8Array(1)), null);
    assert.ok(await isPending(pair[0].peerClosed));
    await pair[0].write(new Uint8Array([1]));
    assert.equal(await pair[1].read(new Uint8Array(1)), 1);
  });

  test(`${type}: peerClosed waits for the last of the peer's descriptors`, async () => {
    await using pair = socketpair({ type });
    const other = pair[1].duplicate();
    await pair[1].close();
    assert.ok(await isPending(pair[0].peerClosed));
    await other.close();
    await pair[0].peerClosed;
  });

  test(`${type}: peerClosed resolves beside reads and writes that wait`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 4608 });
    const writes = Promise.allSettled(Array.from({ length: 20 }, () => pair[0].write(new Uint8Array(3000))));
    const reading = pair[0].read(new Uint8Array(1));
    const gone = pair[0].peerClosed;
    await pair[1].close();
    await gone;
    assert.equal(await reading, null);
    assert.equal((await writes).at(-1)!.status, "rejected");
  });

  test(`${type}: peerClosed resolves when the peer's process is killed`, async () => {
    const [end, child] = handOver("deaf.ts", ["reading"], { type });
    assert.equal(await child.line(), "waiting");
    child.kill();
    await end.peerClosed;
    await child.outcome;
    await end.close();
  });
}

test("peerClosed of a dgram stays pending", async () => {
  await using pair = socketpair({ type: "dgram" });
  const gone = pair[0].peerClosed;
  await pair[1].close();
  assert.ok(await isPending(gone));
});

test("peerClosed stays pending if this end is closed or handed on first", async () => {
  await using pair = socketpair();
  const gone = pair[0].peerClosed;
  await pair[0].close();
  assert.ok(await isPending(gone));
});

test("peerClosed tells in a process that nothing keeps, where both ends are in one thread", async () => {
  const { code, stdout, stderr } = await runScript("tests/children/peer_closed_here.ts", [], { timeout: 10_000 });
  assert.deepEqual([code, stdout], [0, "stream late\nstream early\nseqpacket late\nseqpacket early\n"], stderr);
});

test("peerClosed keeps no process alive", async () => {
  const { code, stdout, stderr } = await runScript("tests/children/peer_closed.ts", [], { timeout: 10_000 });
  assert.deepEqual([code, stdout], [0, "waiting\n"], stderr);
});
