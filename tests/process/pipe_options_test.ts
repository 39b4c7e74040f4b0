import { type SocketEnd, socketpair } from "../../mod.ts";
import { assert, delay, test } from "../_support.ts";

/** A sink that keeps what it gets, until it is told to fail. */
function collector(failAt = Infinity) {
  const chunks: Uint8Array[] = [];
  const failure = new Error("full");
  const events: string[] = [];
  const writable = new WritableStream<Uint8Array>({
    write(chunk) {
      if (chunks.length === failAt) throw failure;
      chunks.push(chunk);
    },
    close: () => void events.push("close"),
    abort: () => void events.push("abort"),
  });
  return { chunks, failure, events, writable };
}

async function writeAll(end: SocketEnd, numbers: number[]): Promise<void> {
  const writer = end.writable.getWriter();
  for (const number of numbers) await writer.write(new Uint8Array([number]));
  writer.releaseLock();
}

test("pipeTo() from an end closes its destination at the end", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  await writeAll(pair[0], [1, 2]);
  await pair[0].writable.close();
  const { chunks, events, writable } = collector();
  await pair[1].readable.pipeTo(writable);
  assert.deepEqual([chunks.map(([n]) => n), events], [[1, 2], ["close"]]);
});

test("pipeTo() from an end with preventClose leaves its destination open", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  await writeAll(pair[0], [1, 2]);
  await pair[0].writable.close();
  const { chunks, events, writable } = collector();
  await pair[1].readable.pipeTo(writable, { preventClose: true });
  assert.deepEqual([chunks.length, events, writable.locked], [2, [], false]);
});

test("pipeTo() into an end with preventClose leaves the direction open", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  for (const number of [1, 2]) {
    await ReadableStream.from([new Uint8Array([number])]).pipeTo(pair[0].writable, { preventClose: true });
  }
  await pair[0].writable.close();
  assert.deepEqual((await Array.fromAsync(pair[1].readable)).map(([n]) => n), [1, 2]);
});

test("pipeTo() from an end whose destination fails refuses what the peer writes", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  await writeAll(pair[0], [1, 2, 3]);
  const { failure, writable } = collector(1);
  await assert.rejects(pair[1].readable.pipeTo(writable), failure);
  await assert.rejects(pair[0].writable.getWriter().write(new Uint8Array(1)), { code: "EPIPE" });
});

test("pipeTo() from an end with preventCancel leaves it readable when its destination fails", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  await writeAll(pair[0], [1, 2, 3, 4, 5, 6]);
  await pair[0].writable.close();
  const { chunks, failure, writable } = collector(1);
  await assert.rejects(pair[1].readable.pipeTo(writable, { preventCancel: true }), failure);
  const rest = (await Array.fromAsync(pair[1].readable)).map(([n]) => n);
  assert.deepEqual([chunks.length, rest.at(-1), pair[1].readable.locked], [1, 6, false]);
});

test("pipeTo() into an end from a source that fails aborts the direction", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const failure = new Error("dry");
  let pulls = 0;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulls++ === 2) controller.error(failure);
      else controller.enqueue(new Uint8Array([pulls]));
    },
  }, { highWaterMark: 0 });
  await assert.rejects(source.pipeTo(pair[0].writable), failure);
  await assert.rejects(pair[0].closed, failure);
  assert.deepEqual((await Array.fromAsync(pair[1].readable)).map(([n]) => n), [1, 2]);
});

test("pipeTo() into an end from a source that fails with preventAbort leaves the direction open", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const failure = new Error("dry");
  const source = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(failure) });
  await assert.rejects(source.pipeTo(pair[0].writable, { preventAbort: true }), failure);
  await writeAll(pair[0], [7]);
  assert.deepEqual((await pair[1].readable.getReader().read()).value, new Uint8Array([7]));
});

test("pipeTo() into an end whose peer has gone fails with EPIPE and cancels its source", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  await pair[1].close();
  let cancelled: unknown;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1)),
    cancel: (reason) => void (cancelled = reason),
  });
  await assert.rejects(source.pipeTo(pair[0].writable), { code: "EPIPE" });
  assert.equal((cancelled as { code?: string }).code, "EPIPE");
});

/** An endless source. */
function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(20_000)) });
}

test("pipeTo() with a signal that is aborted while it waits for room ends, by the standard, after that write", async () => {
  await using pair = socketpair({ type: "seqpacket", sendBufferSize: 16_384 });
  const controller = new AbortController();
  const reason = new Error("enough");
  const piping = assert.rejects(endless().pipeTo(pair[0].writable, { signal: controller.signal }), reason);
  await delay(10);
  controller.abort(reason);
  for await (const record of pair[1].readable) assert.equal(record.byteLength, 20_000);
  await piping;
  await assert.rejects(pair[0].closed, reason);
});

test("close() with a reason ends a pipe that waits for room at once", async () => {
  await using pair = socketpair({ type: "seqpacket", sendBufferSize: 16_384 });
  const reason = new Error("enough");
  const piping = assert.rejects(endless().pipeTo(pair[0].writable), reason);
  await delay(10);
  await assert.rejects(pair[0].close(reason), reason);
  await piping;
});

test("pipeTo() with a signal that is aborted while it waits to receive ends at once and loses nothing", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const controller = new AbortController();
  const { writable } = collector();
  const options = { signal: controller.signal, preventCancel: true };
  const piping = pair[1].readable.pipeTo(writable, options);
  await delay(5);
  controller.abort();
  await assert.rejects(piping, { name: "AbortError" });
  await writeAll(pair[0], [7]);
  assert.deepEqual((await pair[1].readable.getReader().read()).value, new Uint8Array([7]));
});
