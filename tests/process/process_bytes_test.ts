/** A long stream of bytes between two processes, and the end of each direction. */

import { createHash, randomBytes, randomInt } from "node:crypto";
import { spawnSync } from "node:child_process";
import type { SocketEnd } from "../../mod.ts";
import { assert, test } from "../_support.ts";
import { endsWell, handOver } from "../children/_start.ts";

const python = spawnSync("python3", ["--version"]).status === 0 ? false : "there is no python3 here";
const TOTAL = 64 * 1024 * 1024;

/** Sends random bytes in chunks of random length, and gives their digest. */
async function sendRandom(end: SocketEnd, total: number): Promise<string> {
  const digest = createHash("sha256");
  const writer = end.writable.getWriter();
  for (let left = total; left > 0;) {
    const chunk = randomBytes(Math.min(left, randomInt(1, 512 * 1024)));
    digest.update(chunk);
    left -= chunk.length;
    await writer.write(chunk);
  }
  await writer.close();
  return digest.digest("hex");
}

async function digestByDefault(end: SocketEnd): Promise<string> {
  const digest = createHash("sha256");
  for await (const chunk of end.readable) digest.update(chunk);
  return digest.digest("hex");
}

async function digestByob(end: SocketEnd): Promise<string> {
  const digest = createHash("sha256");
  const reader = end.readable.getReader({ mode: "byob" });
  let buffer = new ArrayBuffer(100_000);
  for (;;) {
    const { value, done } = await reader.read(new Uint8Array(buffer));
    if (done) return digest.digest("hex");
    digest.update(value);
    buffer = value.buffer;
  }
}

for (const [reader, digestOf] of [["default", digestByDefault], ["byob", digestByob]] as const) {
  test(`SocketEnd 64 MiB go to another process and back unharmed: ${reader} reader`, async () => {
    const [end, child] = handOver("echo.ts", [reader], { type: "stream" });
    const [sent, received] = await Promise.all([sendRandom(end, TOTAL), digestOf(end)]);
    assert.equal(received, sent);
    await endsWell(child);
    await end.closed;
  });
}

test("writable.close() lets the other process read to the end and answer after that", async () => {
  const [end, child] = handOver("peer.py", ["digest"], { type: "stream" });
  const sent = await sendRandom(end, 1 << 20);
  const answer = await end.readable.getReader({ mode: "byob" }).read(new Uint8Array(32), { min: 32 });
  assert.equal(Buffer.from(answer.value!).toString("hex"), sent);
  await endsWell(child);
  await end.close();
}, { skip: python });

test("readable.cancel() makes the other process's writes fail and leaves this one's alone", async () => {
  const [end, child] = handOver("lifetime.ts", ["write adopted"], { type: "seqpacket" });
  assert.equal(await child.line(), "waiting");
  await end.writable.getWriter().write(new Uint8Array(1));
  await end.readable.cancel();
  assert.match((await endsWell(child)).stdout, /write failed: EPIPE/);
  await end.close();
});
