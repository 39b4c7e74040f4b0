import { socketpair } from "../../mod.ts";
import { Buffer } from "node:buffer";
import { watched } from "../_epoll.ts";
import { assert, CONNECTED, test } from "../_support.ts";

for (const type of CONNECTED) {
  test(`${type}: abort() while a write waits ends the writes at once, with the reason`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const writer = pair[0].writable.getWriter();
    const writes = Promise.allSettled(Array.from({ length: 10 }, () => writer.write(new Uint8Array(20_000))));
    await watched(pair[0], "write");
    const reason = new Error("enough");
    await writer.abort(reason);
    const results = await writes;
    assert.equal(results[0]?.status, "fulfilled");
    for (const result of results.slice(2)) assert.equal(result.status === "rejected" && result.reason, reason);
    await assert.rejects(writer.closed, reason);
    await assert.rejects(pair[0].closed, reason);
  });

  test(`${type}: abort() lets the peer read what was taken, and then the end`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const writer = pair[0].writable.getWriter();
    const writes = Array.from({ length: 5 }, (_, number) => writer.write(new Uint8Array(20_000).fill(number)));
    const results = Promise.allSettled(writes);
    await watched(pair[0], "write");
    await writer.abort();
    const received = Buffer.concat(await Array.fromAsync(pair[1].readable));
    const taken = (await results).filter(({ status }) => status === "fulfilled").length;
    assert.ok(received.byteLength >= taken * 20_000 && received.byteLength < 100_000);
    for (const [index, byte] of received.entries()) assert.equal(byte, Math.floor(index / 20_000));
  });

  test(`${type}: abort() without writes ends the direction and leaves the other one alone`, async () => {
    await using pair = socketpair({ type });
    await pair[0].writable.abort(new Error("enough"));
    assert.equal((await pair[1].readable.getReader().read()).done, true);
    await pair[1].writable.getWriter().write(new Uint8Array([1]));
    assert.deepEqual((await pair[0].readable.getReader().read()).value, new Uint8Array([1]));
  });

  test(`${type}: abort() after writer.close() while writes wait ends them all`, async () => {
    await using pair = socketpair({ type, sendBufferSize: 16_384 });
    const writer = pair[0].writable.getWriter();
    const reason = new Error("enough");
    const writes = Promise.allSettled([
      ...Array.from({ length: 5 }, () => writer.write(new Uint8Array(30_000))),
      writer.close(),
    ]);
    await watched(pair[0], "write");
    await writer.abort(reason);
    const last = (await writes).at(-1);
    assert.equal(last?.status === "rejected" && last.reason, reason);
  });

  test(`${type}: abort() and cancel() together close the end`, async () => {
    await using pair = socketpair({ type });
    const reason = new Error("enough");
    await pair[0].writable.abort(reason);
    await pair[0].readable.cancel();
    await assert.rejects(pair[0].closed, reason);
    assert.equal(pair[0].fd, -1);
  });
}
