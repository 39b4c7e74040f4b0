/**
 * Workers that are terminated before they receive a token, in the middle of that, and after it. No code of a terminated
 * worker runs: what it had not received can be revoked here, what it had stays open without an owner.
 */

import { SocketEnd, socketpair, type TransferToken } from "../../mod.ts";
import { close } from "../../ffi/mod.ts";
import { assert, delay, test } from "../_support.ts";
import { hire, type Hired, KINDS } from "../children/_hire.ts";
import { openFile } from "../peers/_sockets.ts";
import type { Orders } from "../peers/transfers.ts";

const SCRIPT = "../peers/transfers.ts";

/** Terminates a worker, and gives its thread a moment to come to its end: `terminate()` of a web worker does not wait. */
async function terminate(worker: Hired): Promise<void> {
  await worker.terminate();
  await delay(50);
}

/** A token and the end that stayed here. */
interface Sent {
  readonly mine: SocketEnd;
  readonly token: TransferToken;
  readonly file: string;
}

function send(): Sent {
  const [mine, theirs] = socketpair({ type: "seqpacket" });
  const file = openFile(theirs.fd);
  return { mine, token: theirs.transfer(), file };
}

/** No descriptor of the other end is left anywhere when this one has seen the end of the stream. */
async function isGone({ mine }: Sent): Promise<void> {
  assert.equal((await mine.readable.getReader().read()).done, true);
  await mine.close();
}

/** What a worker has received has no owner after its end, and any code that knows the number may close it. */
async function isNobodys(sent: Sent): Promise<void> {
  assert.equal(SocketEnd.revoke(sent.token), false);
  assert.equal(openFile(sent.token.fd), sent.file);
  close(sent.token.fd);
  await isGone(sent);
}

for (const [kind, skip] of KINDS) {
  test(`revoke() closes what a worker was sent and had not received when it was terminated: ${kind}`, async () => {
    const sent = [send(), send(), send()];
    const tokens = sent.map(({ token }) => token);
    const worker = hire(kind, SCRIPT, { task: "hold", tokens, count: 0 } satisfies Orders);
    assert.equal(await worker.message(), "holding");
    await terminate(worker);
    for (const one of sent) {
      assert.equal(SocketEnd.revoke(one.token), true);
      await isGone(one);
    }
  }, { census: false, skip });

  test(`revoke() closes what was posted to a worker that was terminated already: ${kind}`, async () => {
    const worker = hire(kind, SCRIPT);
    await terminate(worker);
    const sent = send();
    worker.post({ task: "echo", tokens: [sent.token] } satisfies Orders);
    await delay(50);
    assert.equal(SocketEnd.revoke(sent.token), true);
    await isGone(sent);
  }, { census: false, skip });

  test(`revoke() leaves alone what a terminated worker had received; the rest it closes: ${kind}`, async () => {
    const sent = [send(), send(), send(), send()];
    const tokens = sent.map(({ token }) => token);
    const worker = hire(kind, SCRIPT, { task: "hold", tokens, count: 2 } satisfies Orders);
    assert.equal(await worker.message(), "holding");
    await terminate(worker);
    for (const one of sent.slice(0, 2)) await isNobodys(one);
    for (const one of sent.slice(2)) {
      assert.equal(SocketEnd.revoke(one.token), true);
      await isGone(one);
    }
  }, { census: false, skip });

  test(
    `revoke() after a worker was terminated in the middle of receiving: none is lost or had twice: ${kind}`,
    async () => {
      for (let round = 0; round < 10; round += 1) {
        const sent = Array.from({ length: 200 }, send);
        const tokens = sent.map(({ token }) => token);
        const shared = new SharedArrayBuffer(4);
        const worker = hire(kind, SCRIPT, { task: "churn", tokens, shared } satisfies Orders);
        assert.equal(await worker.message(), "ready");
        Atomics.store(new Int32Array(shared), 0, 1);
        // A timer is too coarse for the middle.
        for (const until = performance.now() + Math.random() * 3; performance.now() < until;);
        await terminate(worker);
        for (const one of sent) {
          if (SocketEnd.revoke(one.token)) await isGone(one);
          else await isNobodys(one);
        }
      }
    },
    { census: false, skip },
  );
}
