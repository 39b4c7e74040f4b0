import { SocketEnd, socketpair } from "../../mod.ts";
import * as ffi from "../../ffi/mod.ts";
import { assert, delay, test, TYPES } from "../_support.ts";
import { hasQueued, until } from "../_waiting.ts";

/** Writes chunks of 4 KiB until one has to wait. Gives the number that was taken and the write that waits. */
async function fill(end: SocketEnd): Promise<{ taken: number; waiting: Promise<void>; settled(): boolean }> {
  const writer = end.writable.getWriter();
  for (let taken = 0;; taken += 1) {
    let settled = false;
    const waiting = writer.write(new Uint8Array(4096));
    const noted = () => settled = true;
    waiting.then(noted, noted);
    await delay(0);
    if (!settled) await delay(5);
    if (!settled) return { taken, waiting, settled: () => settled };
  }
}

/** Reads so many chunks of 4 KiB, as they were written or in larger pieces. */
async function readChunks(end: SocketEnd, count: number): Promise<void> {
  const reader = end.readable.getReader();
  for (let length = 0; length < count * 4096;) length += (await reader.read()).value!.byteLength;
}

/** Takes out of an end's queue, behind the stream's back, what another process would read. */
function drain(fd: number): void {
  const iov = [new Uint8Array(65_536)];
  try {
    while (ffi.recvmsg(fd, { iov }, ffi.MSG_DONTWAIT).bytes > 0);
  } catch (error) {
    assert.equal((error as ffi.SocketError).code, "EAGAIN");
  }
}

/** A pair of which neither end knows that the other one is in this thread. */
function strangers(type: typeof TYPES[number]): [SocketEnd, SocketEnd] {
  const number = { stream: ffi.SOCK_STREAM, seqpacket: ffi.SOCK_SEQPACKET, dgram: ffi.SOCK_DGRAM }[type];
  const [left, right] = ffi.socketpair(ffi.AF_UNIX, number, 0);
  return [SocketEnd.from(left), SocketEnd.from(right)];
}

for (const type of ["seqpacket", "dgram"] as const) {
  test(`${type}: one more record is taken whole while any room is left, and then none`, async () => {
    await using pair = socketpair({ type });
    const writer = pair[0].writable.getWriter();
    for (const _ of [1, 2]) await writer.write(new Uint8Array(200_000));
    let taken = false;
    const third = writer.write(new Uint8Array(1)).then(() => taken = true);
    await delay(20);
    assert.equal(taken, false);
    const reader = pair[1].readable.getReader();
    for (const _ of [1, 2]) await reader.read();
    await third;
  });
}

for (const type of TYPES) {
  test(`${type}: a write waits while the queue is full, and goes on once it is read`, async () => {
    await using pair = socketpair({ type });
    const { taken, waiting, settled } = await fill(pair[0]);
    assert.equal(settled(), false);
    await readChunks(pair[1], taken + 1);
    await waiting;
  });

  test(`${type}: a write waits while the queue is full, and goes on once another process has read`, async () => {
    await using pair = socketpair({ type });
    const { waiting } = await fill(pair[0]);
    drain(pair[1].fd);
    await waiting;
  });

  test(`${type}: a write waits while the queue is full, also on ends that were adopted`, async () => {
    const [left, right] = strangers(type);
    await using writing = left;
    await using reading = right;
    const { taken, waiting } = await fill(writing);
    await readChunks(reading, taken + 1);
    await waiting;
  });

  test(`${type}: no more than SO_SNDBUF bytes are taken while the peer does not read`, async () => {
    for (const sendBufferSize of [undefined, 16_384]) {
      await using pair = socketpair({ type, sendBufferSize });
      const limit = ffi.getsockopt(pair[0].fd, ffi.SOL_SOCKET, ffi.SO_SNDBUF);
      const { taken, waiting } = await fill(pair[0]);
      waiting.catch(() => {});
      assert.ok(taken > 0 && taken * 4096 <= limit, `${taken * 4096} bytes of ${limit}`);
    }
  });
}

test("stream: a chunk's write does not resolve before the kernel has taken all of it", async () => {
  await using pair = socketpair({ sendBufferSize: 16_384 });
  const limit = ffi.getsockopt(pair[0].fd, ffi.SOL_SOCKET, ffi.SO_SNDBUF);
  const size = 1_000_000;
  let received = 0;
  let receivedWhenDone = -1;
  const writing = pair[0].writable.getWriter().write(new Uint8Array(size)).then(() => receivedWhenDone = received);
  const reader = pair[1].readable.getReader({ mode: "byob" });
  while (received < size) received += (await reader.read(new Uint8Array(3000))).value!.byteLength;
  await writing;
  assert.ok(receivedWhenDone >= size - limit, `${receivedWhenDone} of ${size} had been read`);
});

test("desiredSize and ready tell that a write waits, and that it is done", async () => {
  await using pair = socketpair({ type: "seqpacket", sendBufferSize: 16_384 });
  const writer = pair[0].writable.getWriter();
  assert.equal(writer.desiredSize, 1);
  await writer.write(new Uint8Array(30_000));
  const events: string[] = [];
  const writing = writer.write(new Uint8Array(30_000)).then(() => events.push("written"));
  const ready = writer.ready.then(() => events.push("ready"));
  assert.equal(writer.desiredSize, 0);
  await delay(5);
  events.push("read");
  await pair[1].readable.getReader().read();
  await Promise.all([writing, ready]);
  assert.deepEqual([events[0], events.toSorted(), writer.desiredSize], ["read", ["read", "ready", "written"], 1]);
});

test("pipeTo() from a fast source asks it for no more than the queue takes", async () => {
  using pair = socketpair({ type: "seqpacket" });
  let pulls = 0;
  const source = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulls += 1;
      controller.enqueue(new Uint8Array(4096));
    },
  });
  const piping = source.pipeTo(pair[0].writable).catch(() => {});
  for (let before = -1; before !== pulls; await delay(20)) before = pulls;
  assert.ok(pulls > 10 && pulls < 100, `${pulls} chunks of 4 KiB`);
  pair[1][Symbol.dispose]();
  await piping;
});

test("writes that wait on 300 pairs are woken by the kernel all at once", async () => {
  const pairs = Array.from({ length: 300 }, () => socketpair({ type: "seqpacket", sendBufferSize: 16_384 }));
  const writes = pairs.map(async ([left]) => {
    const writer = left.writable.getWriter();
    await Promise.all([writer.write(new Uint8Array(30_000)), writer.write(new Uint8Array(30_000))]);
  });
  // So many bytes are more than one turn of the event loop may move.
  for (const [, right] of pairs) await until(() => hasQueued(right), "the first record");
  for (const [, right] of pairs) drain(right.fd);
  await Promise.all(writes);
  await Promise.all(pairs.map((pair) => pair[Symbol.asyncDispose]()));
});

test("a read and a write that wait on one end are each woken by what concerns them", async () => {
  const [left, right] = strangers("seqpacket");
  await using first = left;
  await using second = right;
  const reading = first.readable.getReader().read();
  const { waiting, settled } = await fill(first);
  ffi.write(second.fd, new Uint8Array([7]));
  assert.deepEqual((await reading).value, new Uint8Array([7]));
  assert.equal(settled(), false);
  drain(second.fd);
  await waiting;
});

test("a pump that never has to wait lets timers run", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const writer = pair[0].writable.getWriter();
  const reader = pair[1].readable.getReader();
  let rang = false;
  setTimeout(() => rang = true, 1);
  const start = Date.now();
  while (!rang && Date.now() - start < 5000) {
    await writer.write(new Uint8Array(1));
    await reader.read();
  }
  assert.equal(rang, true);
});
