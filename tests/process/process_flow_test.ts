/** Backpressure between two processes. */

import { assert, delay, test, TYPES } from "../_support.ts";
import { type Child, endsWell, handOver } from "../children/_start.ts";

const CHUNK = 16 * 1024;
const COUNT = 100;
/** Twice net.core.wmem_default is what the kernel lets lie between two ends. */
const MOST = 212_992 * 2 / CHUNK;

for (const type of TYPES) {
  test(`writable waits for a slow process and loses nothing: ${type}`, async () => {
    const [end, child] = handOver("slow.ts", [], { type });
    const writer = end.writable.getWriter();
    let taken = 0;
    const writes = Array.from({ length: COUNT }, () => writer.write(new Uint8Array(CHUNK)).then(() => taken += 1));
    assert.equal(await child.line(), "waiting");
    await delay(200);
    const before = taken;
    await delay(200);
    assert.ok(before > 0 && before <= MOST, `${before} of ${COUNT} writes were taken`);
    assert.equal(taken, before);
    assert.ok(writer.desiredSize! < 0);
    child.goOn();
    await Promise.all(writes);
    await writer.close();
    // A datagram socket has no end: the reader of this one has to be killed.
    if (type === "dgram") child.kill();
    else await readEverything(child, type);
    await child.outcome;
    await end.close();
  });
}

async function readEverything(child: Child, type: "stream" | "seqpacket"): Promise<void> {
  const [chunks, bytes] = (await endsWell(child)).stdout.split("\n")[1]!.split(" ").map(Number);
  assert.equal(bytes, COUNT * CHUNK);
  if (type === "seqpacket") assert.equal(chunks, COUNT);
}
