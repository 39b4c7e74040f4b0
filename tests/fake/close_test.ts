/** Every way to end an end, in every state that it can be in: all promises settle, once, and the number is never touched again. */

import { type SocketEnd, socketpair, type SocketType } from "../../mod.ts";
import { isOpen } from "../_waiting.ts";
import type { FakeLibc } from "./_libc.ts";
import type { FakeSocket } from "./_socket.ts";
import { TYPES } from "../_support.ts";
import {
  assert,
  drain,
  fakeTest,
  fill,
  foreign,
  later,
  onFake,
  outcome,
  reason,
  test,
  turns,
  value,
} from "./_support.ts";

const BYTES = new Uint8Array([1, 2, 3]);

/** An end, and what is under way on it. */
interface Scene {
  writer?: WritableStreamDefaultWriter<Uint8Array>;
  readonly fake: FakeLibc;
  readonly end: SocketEnd;
  readonly own: FakeSocket;
  readonly peer: FakeSocket;
  readonly controller: AbortController;
  readonly promises: Promise<unknown>[];
}

/** The states: what is done before. */
const STATES: Record<string, (scene: Scene) => void | Promise<void>> = {
  "that is idle": () => {},
  "with a read that waits": async ({ end, promises }) => {
    promises.push(later(end.readable.getReader().read()));
    await turns();
  },
  "with a read that has just begun": ({ end, promises }) => {
    promises.push(later(end.readable.getReader().read()));
  },
  "with a write that waits": async ({ end, own, promises }) => {
    fill(own);
    promises.push(later(end.writable.getWriter().write(BYTES)));
    await turns();
  },
  "with writes that queue up": async (scene) => {
    const { end, own, promises } = scene;
    fill(own);
    const writer = scene.writer = end.writable.getWriter();
    for (let count = 0; count < 3; count += 1) promises.push(later(writer.write(BYTES)));
    promises.push(later(writer.closed), later(writer.ready));
    await turns();
  },
  "with a write that waits and a lock given back": async ({ end, own, promises }) => {
    fill(own);
    const writer = end.writable.getWriter();
    promises.push(later(writer.write(BYTES)));
    writer.releaseLock();
    await turns();
  },
  "with a close of the writer that waits": async ({ end, own, promises }) => {
    fill(own);
    const writer = end.writable.getWriter();
    promises.push(later(writer.write(BYTES)), later(writer.close()));
    await turns();
  },
  "with both directions that wait": async ({ end, own, promises }) => {
    fill(own);
    promises.push(later(end.readable.getReader().read()), later(end.writable.getWriter().write(BYTES)));
    await turns();
  },
  "with a view that waits to be filled": async ({ end, promises }) => {
    if (end.type !== "stream") return;
    promises.push(later(end.readable.getReader({ mode: "byob" }).read(new Uint8Array(100))));
    await turns();
  },
  "whose sending direction has ended": async ({ end }) => {
    await value(end.writable.close());
  },
  "whose receiving direction has ended": async ({ end }) => {
    await value(end.readable.cancel());
  },
  "whose peer is gone": ({ peer }) => peer.close(),
  "whose peer is gone while both directions wait": async ({ end, own, peer, promises }) => {
    fill(own);
    promises.push(later(end.readable.getReader().read()), later(end.writable.getWriter().write(BYTES)));
    await turns();
    peer.close();
  },
  "that has failed": async ({ fake, end }) => {
    fake.fail("recvmsg", ["ENOMEM"]);
    await reason(end.readable.getReader().read());
  },
  "that is closed": async ({ end }) => {
    await value(end.close());
  },
};

/** The ways to end it. */
const WAYS: Record<string, (scene: Scene) => void> = {
  "close()": ({ end, promises }) => void promises.push(later(end.close())),
  "close(reason)": ({ end, promises }) => void promises.push(later(end.close(new Error("enough")))),
  "close() and close(reason)": ({ end, promises }) =>
    void promises.push(later(end.close()), later(end.close(new Error("enough")))),
  "closeWrite() and close()": ({ end, promises }) => void promises.push(end.closeWrite(), later(end.close())),
  "dispose()": ({ end }) => end[Symbol.dispose](),
  "asyncDispose()": ({ end, promises }) => void promises.push(end[Symbol.asyncDispose]()),
  "the signal": ({ controller }) => controller.abort(new Error("enough")),
  "abort() and cancel()": ({ end, promises }) => {
    // Through a lock there is no way: its holder would have to do it.
    if (!end.writable.locked) promises.push(later(end.writable.abort(new Error("enough"))));
    if (!end.readable.locked) promises.push(later(end.readable.cancel()));
    end[Symbol.dispose]();
  },
};

/** Brings an end into a state, ends it in a way, and sees that nothing is left. */
async function play(fake: FakeLibc, type: SocketType, state: string, way: string): Promise<void> {
  const controller = new AbortController();
  const { end, own, peer, fd } = foreign(fake, type, { signal: controller.signal });
  const promises: Promise<unknown>[] = [later(end.closed)];
  const scene: Scene = { fake, end, own, peer, controller, promises };
  await STATES[state]!(scene);
  WAYS[way]!(scene);
  await turns();
  // What was written before close() is still to be taken.
  if (!peer.dead) drain(peer);
  await turns();
  // A writer that holds the lock closes what has not failed.
  scene.writer?.close().catch(() => {});
  for (const promise of promises) await outcome(promise);
  assert.equal(isOpen(end), false);
  assert.equal(fake.log.filter(({ name, values }) => name === "close" && values[0] === fd).length, 1);
  fake.spurious();
}

for (const type of TYPES) {
  for (const state of Object.keys(STATES)) {
    test(`SocketEnd of type ${type} ${state} is ended by whatever ends it`, async () => {
      for (const way of Object.keys(WAYS)) {
        const played = onFake((fake) => play(fake, type, state, way), { reuse: true });
        await played.catch((cause) => assert.fail(`${way}: ${cause.message}`));
      }
    });
  }
}

fakeTest("close() of one end lets another have its number at once, and is not felt there", async (fake) => {
  const first = foreign(fake);
  const read = first.end.readable.getReader().read();
  await turns();
  fake.fail("recvmsg", [null]);
  first.peer.send(BYTES);
  const closed = first.end.close();
  const second = foreign(fake);
  assert.equal(second.fd, first.fd);
  const other = second.end.readable.getReader().read();
  await value(Promise.all([read, closed]));
  fake.spurious();
  await turns();
  second.peer.send(BYTES);
  assert.deepEqual((await value(other)).value, BYTES);
  await value(second.end.close());
});

fakeTest("close() of a pair while its numbers go to the next pair, many times over", async () => {
  let previous = socketpair({ type: "seqpacket" });
  for (let round = 0; round < 50; round += 1) {
    const read = previous[0].readable.getReader().read();
    if (round % 2 === 0) await turns(3);
    previous[Symbol.dispose]();
    const next = socketpair({ type: "seqpacket" });
    const [left, right] = next;
    assert.equal((await value(read)).done, true);
    await value(left.writable.getWriter().write(BYTES));
    const reader = right.readable.getReader();
    assert.deepEqual((await value(reader.read())).value, BYTES);
    reader.releaseLock();
    previous = next;
  }
  previous[Symbol.dispose]();
});
