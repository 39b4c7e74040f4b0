/** Records and bytes between two processes, in one language and in two. */

import { spawnSync } from "node:child_process";
import { createHash, randomBytes, randomInt } from "node:crypto";
import type { SocketEnd } from "../../mod.ts";
import { assert, CONNECTED, test } from "../_support.ts";
import { endsWell, handOver } from "../children/_start.ts";

const python = spawnSync("python3", ["--version"]).status === 0 ? false : "there is no python3 here";

/** Sizes from 1 byte to 128 KiB, small ones more often. */
function randomRecords(count: number): Uint8Array[] {
  return Array.from({ length: count }, () => randomBytes(randomInt(1, 2 ** randomInt(1, 18))));
}

/** Sends records without waiting for the answers, and compares these. */
async function exchange(end: SocketEnd, records: Uint8Array[]): Promise<void> {
  const sending = (async () => {
    const writer = end.writable.getWriter();
    for (const record of records) await writer.write(record);
    await writer.close();
  })();
  let index = 0;
  for await (const answer of end.readable) {
    assert.deepEqual(Buffer.from(answer), createHash("sha256").update(records[index++]!).digest());
  }
  assert.equal(index, records.length);
  await sending;
}

for (const [script, args, skip] of [["digests.ts", [], false], ["peer.py", ["digests"], python]] as const) {
  test(`SocketEnd records of random sizes reach another process whole: ${script}`, async () => {
    const [end, child] = handOver(script, [...args], { type: "seqpacket" });
    await exchange(end, randomRecords(500));
    await endsWell(child);
    await end.closed;
  }, { skip });
}

test("SocketEnd.from() knows the type of what a process was given", async () => {
  for (const type of CONNECTED) {
    const [end, child] = handOver("digests.ts", [], { type });
    await end.closeWrite();
    assert.match((await endsWell(child)).stdout, new RegExp(`type=${type}`));
    await end.close();
  }
});

test("SocketEnd what was written before the other process starts is there when it does", async () => {
  const [end, child] = handOver("digests.ts", [], { type: "seqpacket" });
  await exchange(end, randomRecords(3));
  await endsWell(child);
});

test("SocketEnd bytes come back from another language", async () => {
  const [end, child] = handOver("peer.py", ["echo"], { type: "stream" });
  const sent = randomBytes(1 << 20);
  const writer = end.writable.getWriter();
  void writer.write(sent).then(() => writer.close());
  const parts: Uint8Array[] = [];
  for await (const part of end.readable) parts.push(part);
  assert.ok(sent.equals(Buffer.concat(parts)));
  await endsWell(child);
}, { skip: python });
