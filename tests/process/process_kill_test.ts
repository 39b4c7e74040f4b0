/** A process that is killed, and one that has nothing to do with the pair. */

import { spawn } from "node:child_process";
import process from "node:process";
import type { SocketError } from "../../mod.ts";
import { assert, CONNECTED, delay, test } from "../_support.ts";
import { endsWell, handOver } from "../children/_start.ts";

async function failure(promise: Promise<unknown>): Promise<string> {
  return await promise.then(() => "none", (error: SocketError) => error.code);
}

for (const type of CONNECTED) {
  test(`readable ends when the other process is killed and had read everything: ${type}`, async () => {
    const [end, child] = handOver("deaf.ts", ["reading"], { type });
    assert.equal(await child.line(), "waiting");
    const reader = end.readable.getReader();
    for (let received = 0; received < 3;) received += (await reader.read()).value!.length;
    const last = reader.read();
    await delay(50);
    child.kill();
    assert.equal((await last).done, true);
    assert.equal(await failure(end.writable.getWriter().write(new Uint8Array(1))), "EPIPE");
    await child.outcome;
  });

  test(`readable gives what was sent, then ends, when a process is killed that had not read: ${type}`, async () => {
    const [end, child] = handOver("deaf.ts", [], { type });
    assert.equal(await child.line(), "waiting");
    const writer = end.writable.getWriter();
    const writes = Array.from({ length: 64 }, () => failure(writer.write(new Uint8Array(16 * 1024))));
    await delay(50);
    child.kill();
    const reader = end.readable.getReader();
    for (let received = 0; received < 3;) received += (await reader.read()).value!.length;
    assert.equal((await reader.read()).done, true);
    assert.match(await failure(end.closed), /EPIPE|ECONNRESET/);
    const failures = await Promise.all(writes);
    assert.equal(failures[0], "none");
    assert.match(failures.at(-1)!, /EPIPE|ECONNRESET/);
    await child.outcome;
  });

  test(`SocketEnd nothing hangs when a process is killed while bytes go both ways: ${type}`, async () => {
    const [end, child] = handOver("echo.ts", ["default"], { type });
    const writer = end.writable.getWriter();
    const sending = (async () => {
      for (;;) await writer.write(new Uint8Array(32 * 1024));
    })();
    const receiving = (async () => {
      let received = 0;
      for await (const chunk of end.readable) {
        received += chunk.length;
        if (received > 4_000_000) child.kill();
      }
    })();
    const [sent, received] = await Promise.all([failure(sending), failure(receiving)]);
    assert.match(sent, /EPIPE|ECONNRESET/);
    assert.equal(received, "none");
    assert.equal((await child.outcome).signal, "SIGKILL");
  });
}

test("writable fails with ECONNREFUSED and the read waits on when a datagram process is killed", async () => {
  const [end, child] = handOver("deaf.ts", ["reading"], { type: "dgram" });
  const reader = end.readable.getReader();
  for (let count = 0; count < 3; count += 1) await reader.read();
  child.kill();
  await child.outcome;
  const read = reader.read();
  assert.equal(await Promise.race([read, delay(100, "waits")]), "waits");
  assert.equal(await failure(end.writable.getWriter().write(new Uint8Array(1))), "ECONNREFUSED");
  await end.close().catch(() => {});
  assert.equal((await read).done, true);
});

test("socketpair() a process that is started meanwhile holds no end open", async () => {
  const [end, child] = handOver("deaf.ts", ["reading"], { type: "stream" });
  const stranger = spawn("sleep", ["10"], { stdio: "ignore" });
  try {
    assert.equal(await child.line(), "waiting");
    child.kill();
    const received: number[] = [];
    for await (const chunk of end.readable) received.push(...chunk);
    assert.deepEqual(received, [1, 2, 3]);
    assert.equal(stranger.exitCode, null);
    await end.close();
  } finally {
    stranger.kill("SIGKILL");
    await new Promise((closed) => stranger.once("close", closed));
  }
});

test("SocketEnd.from() a process that the other process starts holds no end open", async () => {
  const [end, child] = handOver("spawner.ts", [], { type: "stream" });
  const pid = Number(await child.line());
  const received: number[] = [];
  for await (const chunk of end.readable) received.push(...chunk);
  assert.deepEqual(received, [1]);
  await endsWell(child);
  process.kill(pid, "SIGKILL");
  await end.close();
});
