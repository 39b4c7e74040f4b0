/** Several threads want the same token at the same moment: exactly one of them gets the end. */

import { SocketEnd, socketpair, type TransferToken } from "../../mod.ts";
import { assert, test } from "../_support.ts";
import { leavesNothing } from "../children/_census.ts";
import { hire, KINDS } from "../children/_hire.ts";
import { holders, openFile } from "../peers/_sockets.ts";
import type { Orders } from "../peers/transfers.ts";

const COUNT = 150;

/** Tokens, the other ends of which are closed, so that there are only the tokens' descriptors. */
async function manyTokens(): Promise<TransferToken[]> {
  const pairs = Array.from({ length: COUNT }, () => socketpair());
  await Promise.all(pairs.map(([other]) => other.close()));
  return pairs.map(([, end]) => end.transfer());
}

/** Lets all begin at once: workers that receive every token, and this thread, which revokes every one if it is to. */
async function race(kind: (typeof KINDS)[number][0], workers: number, revoking: boolean): Promise<boolean[][]> {
  const tokens = await manyTokens();
  const files = tokens.map(({ fd }) => openFile(fd));
  const shared = new SharedArrayBuffer(4);
  const orders: Orders = { task: "race", tokens, shared };
  const hired = Array.from({ length: workers }, () => hire(kind, "../peers/transfers.ts", orders));
  for (const worker of hired) assert.equal(await worker.message(), "ready");
  Atomics.store(new Int32Array(shared), 0, 1);
  const revoked = revoking ? tokens.map((token) => SocketEnd.revoke(token)) : [];
  const received = await Promise.all(hired.map(async (worker) => await worker.message() as boolean[]));
  await Promise.all(hired.map((worker) => worker.ended));
  for (const file of files) assert.deepEqual(holders(file), []);
  return revoking ? [...received, revoked] : received;
}

for (const [kind, skip] of KINDS) {
  test(
    `receive() in two threads at once: each token is received exactly once: ${kind}`,
    () =>
      leavesNothing(async () => {
        const outcomes = await race(kind, 2, false);
        for (let index = 0; index < COUNT; index += 1) {
          assert.equal(outcomes.filter((outcome) => outcome[index]).length, 1, `token ${index}`);
        }
      }),
    { census: false, skip },
  );

  test(
    `receive() while another thread revokes: each token is received or revoked, not both: ${kind}`,
    () =>
      leavesNothing(async () => {
        const outcomes = await race(kind, 2, true);
        for (let index = 0; index < COUNT; index += 1) {
          assert.equal(outcomes.filter((outcome) => outcome[index]).length, 1, `token ${index}`);
        }
      }),
    { census: false, skip },
  );
}
