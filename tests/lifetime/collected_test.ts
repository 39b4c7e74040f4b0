/** Ends that nothing refers to any more: the collector closes them. */

import { readdirSync } from "node:fs";
import { type SocketEnd, socketpair, type SocketPairOptions } from "../../mod.ts";
import { collectUntil, noCollector as skip } from "../_collect.ts";
import { assert, CONNECTED, delay, test } from "../_support.ts";

/** One end of a pair whose other end nothing refers to. */
function lonely(options: SocketPairOptions): SocketEnd {
  return socketpair(options)[0] as SocketEnd;
}

/** Collects garbage until a promise has settled. */
async function collectFor<T>(promise: Promise<T>): Promise<T> {
  let settled = false;
  const settle = (): void => void (settled = true);
  promise.then(settle, settle);
  // Parked first: it is the close that must wake it.
  await delay(20);
  await collectUntil(() => settled);
  assert.ok(settled, "nothing was collected");
  return await promise;
}

for (const type of CONNECTED) {
  test(`${type}: a pending read ends when the collector has closed the other end`, async () => {
    const end = lonely({ type });
    assert.equal((await collectFor(end.readable.getReader().read())).done, true);
    await end.close();
  }, { skip });

  test(`${type}: a pending write fails when the collector has closed the other end`, async () => {
    const end = lonely({ type, sendBufferSize: 4096 });
    const writer = end.writable.getWriter();
    const writes = Array.from({ length: 50 }, () => writer.write(new Uint8Array(1000)));
    for (const write of writes) write.catch(() => {});
    await assert.rejects(collectFor(writes.at(-1)!), { name: "SocketError" });
    await assert.rejects(end.close());
  }, { skip });
}

test("ends that were dropped unused or half closed give their descriptors back", async () => {
  const open = () => readdirSync("/proc/self/fd").length;
  const before = open();
  for (let index = 0; index < 50; index += 1) await socketpair()[index % 2]!.closeWrite();
  assert.ok(open() > before + 50);
  // A collector that takes what lies on the stack for references, as Bun's does, may keep a few.
  await collectUntil(() => open() <= before + 5);
  assert.ok(open() <= before + 5, `${open() - before} descriptors are left`);
}, { skip, census: false });
