import { SocketEnd, socketpair } from "../../mod.ts";
import * as ffi from "../../ffi/mod.ts";
import { readlinkSync } from "node:fs";
import { assert, delay, test, TYPES } from "../_support.ts";

/** Writes more than the queue takes; what becomes of it is not looked at. */
function stuff(end: SocketEnd): Promise<PromiseSettledResult<void>[]> {
  const writer = end.writable.getWriter();
  return Promise.allSettled(Array.from({ length: 20 }, () => writer.write(new Uint8Array(30_000))));
}

for (const type of TYPES) {
  test(`${type}: using closes an end at the end of its block`, async () => {
    const [left, right] = socketpair({ type });
    {
      using _left = left;
      using _right = right;
      assert.ok(left.fd > 2 && right.fd > 2);
    }
    assert.deepEqual([left.fd, right.fd], [-1, -1]);
    await Promise.all([left.closed, right.closed]);
  });

  test(`${type}: using closes a pair whose ends are read, written and full`, async () => {
    const results: Promise<PromiseSettledResult<void>[]>[] = [];
    const reads: Promise<unknown>[] = [];
    {
      using pair = socketpair({ type });
      results.push(stuff(pair[0]));
      await delay(5);
      reads.push(pair[0].readable.getReader().read());
    }
    const last = (await results[0]!).at(-1);
    assert.match(last?.status === "rejected" ? last.reason.message : "", /^Cannot (write: the end is closed|send: )/);
    assert.deepEqual(await reads[0], { value: undefined, done: true });
  });

  test(`${type}: using ends a read that waits as done although the other end has left something unread`, async () => {
    const pair = socketpair({ type });
    await pair[1].writable.getWriter().write(new Uint8Array(1));
    const read = pair[1].readable.getReader().read();
    pair[Symbol.dispose]();
    assert.equal((await read).done, true);
  });

  test(`${type}: await using closes a pair although both queues are full and not read`, async () => {
    const results: Promise<PromiseSettledResult<void>[]>[] = [];
    {
      await using pair = socketpair({ type });
      results.push(stuff(pair[0]), stuff(pair[1]));
      await delay(5);
    }
    for (const result of results) assert.equal((await result).at(-1)?.status, "rejected");
  }, { timeout: 5000 });

  test(`${type}: await using of an end sends what was written to a peer that reads`, async () => {
    const [left, right] = socketpair({ type });
    using _right = right;
    const reader = right.readable.getReader();
    const reading = (async () => {
      let received = 0;
      while (received < 600_000) received += (await reader.read()).value?.byteLength ?? NaN;
      return received;
    })();
    {
      await using _left = left;
      const writer = left.writable.getWriter();
      for (let count = 0; count < 20; count += 1) writer.write(new Uint8Array(30_000)).catch(() => {});
    }
    assert.equal(left.fd, -1);
    assert.equal(await reading, 600_000);
  });

  test(`${type}: Symbol.asyncDispose does not reject, whatever has happened to the end`, async () => {
    const [left, right] = socketpair({ type });
    await assert.rejects(left.writable.getWriter().write(5 as unknown as Uint8Array), TypeError);
    assert.equal(await left[Symbol.asyncDispose](), undefined);
    const reason = new Error("enough");
    await assert.rejects(right.close(reason), reason);
    assert.equal(await right[Symbol.asyncDispose](), undefined);
  });

  test(`${type}: disposing again, or after close(), does nothing`, async () => {
    const pair = socketpair({ type });
    await pair[0].close();
    await pair[Symbol.asyncDispose]();
    pair[Symbol.dispose]();
    pair[0][Symbol.dispose]();
    await pair[0][Symbol.asyncDispose]();
    await pair[Symbol.asyncDispose]();
    assert.deepEqual([pair[0].fd, pair[1].fd], [-1, -1]);
  });
}

test("disposing an end fails its writes that wait with a plain message, and the peer reads what was taken", async () => {
  const [left, right] = socketpair({ type: "seqpacket" });
  using _right = right;
  const writing = stuff(left);
  await delay(5);
  left[Symbol.dispose]();
  const results = await writing;
  const taken = results.filter(({ status }) => status === "fulfilled").length;
  const last = results.at(-1);
  assert.equal(last?.status === "rejected" && last.reason.message, "Cannot write: the end is closed");
  assert.equal((await Array.fromAsync(right.readable)).length, taken);
});

test("Symbol.asyncDispose of an end that has failed is done when its descriptor is closed", async () => {
  const [fd, peer] = ffi.socketpair(ffi.AF_UNIX, ffi.SOCK_SEQPACKET, 0);
  const end = SocketEnd.from(fd);
  const writer = end.writable.getWriter();
  await writer.write(new Uint8Array(1));
  writer.releaseLock();
  ffi.close(peer);
  await assert.rejects(end.write(new Uint8Array(1)), { code: /^(ECONNRESET|EPIPE)$/ });
  await end[Symbol.asyncDispose]();
  assert.equal(end.fd, -1);
});

test("disposing a pair leaves an end alone that was detached", async () => {
  const { fd } = await (async () => {
    await using pair = socketpair({ type: "seqpacket" });
    return pair[0].detach();
  })();
  assert.match(readlinkSync(`/proc/self/fd/${fd}`), /^socket:/);
  ffi.close(fd);
});

test("disposing a pair of which one end is detached still sends what the other has written", async () => {
  const pair = socketpair({ type: "seqpacket", sendBufferSize: 16_384 });
  const writes = stuff(pair[0]);
  await using right = SocketEnd.from(pair[1].detach().fd);
  const disposing = pair[Symbol.asyncDispose]();
  const records = await Array.fromAsync(right.readable);
  assert.equal(records.length, 20);
  assert.ok((await writes).every(({ status }) => status === "fulfilled"));
  await disposing;
});
