import { AF_UNIX, close, read, SOCK_STREAM, socketpair, write } from "../../ffi/mod.ts";
import type { Waiter } from "../../ffi/runtimes/contract.ts";
import { libc } from "../../ffi/libc.ts";
import { assert, runtime, test } from "../_support.ts";

/** A waiter for one end of a pair, and how often it has called back. */
async function withWaiter(body: (waiter: Waiter, peer: number, fd: number) => Promise<void>, ready: () => void) {
  const [fd, peer] = socketpair(AF_UNIX, SOCK_STREAM, 0);
  const waiter = libc().createWaiter(fd, ready);
  try {
    await body(waiter, peer, fd);
  } finally {
    await new Promise<void>((done) => waiter.close(done));
    close(fd);
    close(peer);
  }
}

const turn = (milliseconds = 20) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

// The thread that waits in Deno and Bun, and Bun's asynchronous polls, keep descriptors of their own from their first time on.
const own = { census: runtime === "node" };

for (const order of [[true], [false], [true, false], [false, true], [true, false, true]]) {
  test(`a waiter calls back once for each time it is armed: arm(${order.join("), arm(")})`, async () => {
    let called = 0;
    let resolve = (): void => {};
    const ready = () => {
      called += 1;
      resolve();
    };
    await withWaiter(async (waiter, peer, fd) => {
      for (let time = 1; time <= 5; time += 1) {
        const readied = new Promise<void>((it) => resolve = it);
        for (const keepAlive of order) waiter.arm(keepAlive);
        await turn(5);
        assert.equal(called, time - 1);
        write(peer, new Uint8Array(1));
        // An armed waiter may be one that holds nothing: this timer does.
        const holds = setTimeout(() => {}, 5000);
        await readied;
        clearTimeout(holds);
        assert.equal(called, time);
        read(fd, new Uint8Array(1));
      }
      await turn();
      assert.equal(called, 5);
    }, ready);
  }, own);
}

test("a waiter that is disarmed does not call back, and does when it is armed again", async () => {
  let called = 0;
  await withWaiter(async (waiter, peer) => {
    waiter.arm(true);
    await turn();
    waiter.disarm();
    write(peer, new Uint8Array(1));
    await turn();
    assert.equal(called, 0);
    waiter.arm(true);
    for (let tries = 0; called === 0 && tries < 100; tries += 1) await turn();
    assert.equal(called, 1);
  }, () => called += 1);
}, own);

test("a waiter that is closed while it waits does not call back", async () => {
  let called = 0;
  await withWaiter(async (waiter) => {
    waiter.arm(true);
    await turn();
  }, () => called += 1);
  await turn();
  assert.equal(called, 0);
}, own);
