import { socketpair } from "../../mod.ts";
import { assert, CONNECTED, delay, test } from "../_support.ts";
import { until } from "../_waiting.ts";

test("close() ends both branches of a tee", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const [first, second] = pair[0].readable.tee();
  const reads = [first.getReader().read(), second.getReader().read()];
  await delay(5);
  await pair[0].close();
  for (const read of reads) assert.equal((await read).done, true);
});

test("close() ends both branches of a byte stream's tee", async () => {
  await using pair = socketpair();
  const [first, second] = pair[0].readable.tee();
  const reads = [first.getReader().read(), second.getReader().read()];
  await delay(5);
  await pair[0].close();
  for (const read of reads) assert.equal((await read).done, true);
});

test("close() ends a pipe from the end in order", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const chunks: Uint8Array[] = [];
  let ended = false;
  const piping = pair[0].readable.pipeTo(
    new WritableStream({ write: (chunk) => void chunks.push(chunk), close: () => void (ended = true) }),
  );
  await pair[1].writable.getWriter().write(new Uint8Array([1]));
  await until(() => chunks.length === 1, "the record");
  await pair[0].close();
  await piping;
  assert.deepEqual([chunks, ended], [[new Uint8Array([1])], true]);
});

test("close() fails a pipe into the end and cancels its source", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  let cancelled: unknown;
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array([1])),
    cancel: (reason) => void (cancelled = reason),
  });
  const piping = assert.rejects(source.pipeTo(pair[0].writable), TypeError);
  assert.deepEqual((await pair[1].readable.getReader().read()).value, new Uint8Array([1]));
  await pair[0].close();
  await piping;
  assert.ok(cancelled instanceof TypeError);
});

test("close() while writable.close() waits for room waits with it", async () => {
  await using pair = socketpair({ type: "seqpacket", sendBufferSize: 16_384 });
  const writer = pair[0].writable.getWriter();
  const steps = [1, 2, 3, 4].map((number) => writer.write(new Uint8Array(30_000).fill(number)));
  const all = Promise.all([...steps, writer.close(), pair[0].close()]);
  const records = await Array.fromAsync(pair[1].readable);
  assert.deepEqual(records.map(([number]) => number), [1, 2, 3, 4]);
  await all;
});

test("close() of an end that was never used tells the peer", async () => {
  for (const type of CONNECTED) {
    await using pair = socketpair({ type });
    await pair[0].close();
    assert.equal((await pair[1].readable.getReader().read()).done, true);
    await assert.rejects(pair[1].writable.getWriter().write(new Uint8Array(1)), { code: "EPIPE" });
  }
});

test("close() with the peer gone while writes wait rejects with what happened to them", async () => {
  await using pair = socketpair({ type: "stream", sendBufferSize: 16_384 });
  const writer = pair[0].writable.getWriter();
  const writes = Promise.allSettled(Array.from({ length: 4 }, () => writer.write(new Uint8Array(30_000))));
  const closing = assert.rejects(pair[0].close(), { name: "SocketError" });
  pair[1][Symbol.dispose]();
  await closing;
  assert.equal((await writes).at(-1)?.status, "rejected");
});

for (const type of CONNECTED) {
  test(`${type}: close() of both ends while both wait to write does not wait for ever`, async () => {
    const pair = socketpair({ type, sendBufferSize: 16_384 });
    const writes = pair.map((end) => {
      const writer = end.writable.getWriter();
      return Promise.allSettled(Array.from({ length: 4 }, () => writer.write(new Uint8Array(30_000))));
    });
    await delay(5);
    const closing = Promise.allSettled(pair.map((end) => end.close())).then(() => "closed");
    const outcome = await Promise.race([closing, delay(1000, "still waiting")]);
    pair[Symbol.dispose]();
    await Promise.all(writes);
    assert.equal(outcome, "closed");
  });
}
