/** Ends that share a socket: what each does, it does for itself. */

import { SocketEnd, socketpair, type SocketPairOptions } from "../../mod.ts";
import * as ffi from "../../ffi/mod.ts";
import { assert, CONNECTED, delay, test, TYPES } from "../_support.ts";

const one = (value: number): Uint8Array<ArrayBuffer> => new Uint8Array([value]);

/** The far end, and two that share the near one: by duplicate(), or one of them by a token besides. */
function three(options: SocketPairOptions, way: "here" | "by token" = "here"): [SocketEnd, SocketEnd, SocketEnd] {
  const [far, near] = socketpair(options) as unknown as [SocketEnd, SocketEnd];
  const other = near.duplicate();
  return [far, near, way === "here" ? other : SocketEnd.from(other.transfer())];
}

async function send(end: SocketEnd, ...values: number[]): Promise<void> {
  const writer = end.writable.getWriter();
  for (const value of values) await writer.write(one(value));
  writer.releaseLock();
}

async function receive(end: SocketEnd): Promise<number[] | undefined> {
  const reader = end.readable.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return value && [...value];
}

async function pending(promise: Promise<unknown>): Promise<boolean> {
  return await Promise.race([promise.then(() => false, () => false), delay(20, true)]);
}

const ENDS: Record<string, (end: SocketEnd) => unknown> = {
  "close()": (end) => end.close(),
  "close() with a reason": (end) => end.close(new Error("enough")).catch(() => {}),
  "dispose": (end) => end[Symbol.dispose](),
  "cancel()": (end) => end.readable.cancel(),
  "leaving for await": async ({ readable }) => {
    for await (const _ of readable) break;
  },
  "writable.close()": (end) => end.writable.close(),
  "closeWrite()": (end) => end.closeWrite(),
  "abort()": (end) => end.writable.abort(new Error("enough")).catch(() => {}),
  "a chunk that is refused": (end) => end.writable.getWriter().write("junk" as never).catch(() => {}),
};

for (const type of TYPES) {
  for (const [name, act] of Object.entries(ENDS)) {
    for (const way of ["here", "by token"] as const) {
      test(`${type}: what one of two ends by ${name} goes on for the other (${way})`, async () => {
        const [far, near, other] = three({ type }, way);
        if (name === "leaving for await") await send(far, 0);
        await act(other);
        await send(far, 1);
        assert.deepEqual(await receive(near), [1]);
        await send(near, 2);
        assert.deepEqual(await receive(far), [2]);
        for (const end of [far, near, other]) await end.close().catch(() => {});
      });
    }
  }

  test(`${type}: what one has not read is left to the other when it is closed`, async () => {
    const [far, near, other] = three({ type });
    await send(far, 1);
    await near.close();
    assert.deepEqual(await receive(other), [1]);
    for (const end of [far, other]) await end.close();
  });

  test(`${type}: duplicate() of an end that is closed or detached is a TypeError`, async () => {
    const [left, right] = socketpair({ type });
    await left.close();
    const { fd } = right.detach();
    for (const end of [left, right]) assert.throws(() => end.duplicate(), { name: "TypeError", message: /is closed/ });
    ffi.close(fd);
  });
}

for (const type of CONNECTED) {
  test(`${type}: the peer reads to the end once both are closed, and not before`, async () => {
    const [far, near, other] = three({ type });
    const read = receive(far);
    await near.close();
    assert.equal(await pending(read), true);
    await other.close();
    assert.equal(await read, undefined);
    await assert.rejects(send(far, 1), { code: "EPIPE" });
    await far.close().catch(() => {});
  });
}

for (const type of ["seqpacket", "dgram"] as const) {
  test(`${type}: each record is read by exactly one`, async () => {
    const [far, near, other] = three({ type });
    const got: number[] = [];
    const readers = [near, other].map((end) => end.readable.getReader());
    const reading = readers.map(async (reader) => {
      for (let result = await reader.read(); !result.done; result = await reader.read()) got.push(result.value[0]!);
    });
    const values = Array.from({ length: 200 }, (_, index) => index);
    await send(far, ...values);
    while (got.length < values.length) await delay(1);
    for (const end of [near, other, far]) await end.close();
    await Promise.all(reading);
    assert.deepEqual(got.sort((a, b) => a - b), values);
  });

  test(`${type}: an empty record is one although another owner has given the socket up`, async () => {
    const [far, near, other] = three({ type });
    await send(far, 1, 2);
    await receive(near);
    await receive(other);
    const { fd } = near.detach();
    await far.writable.getWriter().write(new Uint8Array(0));
    assert.deepEqual(await receive(other), []);
    ffi.close(fd);
    for (const end of [far, other]) await end.close();
  });
}

test("what both write arrives at a peer in the same thread", async () => {
  const [far, near, other] = three({ type: "seqpacket" });
  for (const end of [near, other, near, other]) {
    const read = receive(far);
    await send(end, end.fd);
    assert.deepEqual(await read, [end.fd]);
  }
  for (const end of [near, other, far]) await end.close();
});

test("duplicate() has the same options", async () => {
  const [far, near] = socketpair({ type: "seqpacket", chunks: "batches" });
  const other = near.duplicate();
  await other.writable.getWriter().write([one(1), one(2)]);
  assert.deepEqual((await far.readable.getReader().read()).value, [one(1), one(2)]);
  for (const end of [near, other, far]) await end.close();
});

test("duplicate() leaves what was received ahead where it is", async () => {
  const [far, near] = socketpair({ type: "seqpacket" });
  await far.write(new Uint8Array([1, 2]));
  await assert.rejects(near.read(new Uint8Array(1)), RangeError);
  const other = near.duplicate();
  const read = receive(other);
  assert.equal(await pending(read), true);
  assert.deepEqual(await receive(near), [1, 2]);
  await send(far, 3);
  assert.deepEqual(await read, [3]);
  for (const end of [near, other, far]) await end.close();
});

test("an end that is adopted with shared shuts nothing down", async () => {
  const [far, near] = socketpair();
  await using end = SocketEnd.from(near.duplicate().detach().fd, { shared: true });
  await near.close();
  await end.closeWrite();
  assert.equal(await pending(receive(far)), true);
  await far.close();
});
