/** With framing a direction ends as without: what is written behind the end is refused, and what was accepted comes. */

import { socketpair, type SocketPairOptions } from "../../mod.ts";
import { close as closeFd, write as writeFd } from "../../ffi/mod.ts";
import { watched } from "../_epoll.ts";
import { assert, delay, test } from "../_support.ts";

/** Every kind whose writes can wait. */
const KINDS: Record<string, SocketPairOptions> = {
  "bytes": {},
  "seqpacket": { type: "seqpacket" },
  "framed": { framing: "uint32le" },
  "framed batches": { framing: "uint32le", chunks: "batches" },
  "seqpacket batches": { type: "seqpacket", chunks: "batches" },
};
const SIZE = 20_000;
const COUNT = 10;

/** How many bytes come until the end. */
async function count(readable: ReadableStream<unknown>): Promise<number> {
  let bytes = 0;
  for await (const chunk of readable) {
    for (const part of (Array.isArray(chunk) ? chunk : [chunk]) as Uint8Array[]) bytes += part.byteLength;
  }
  return bytes;
}

for (const [kind, options] of Object.entries(KINDS)) {
  const chunkOf = (bytes: number): never =>
    (options.chunks === "batches" ? [new Uint8Array(bytes)] : new Uint8Array(bytes)) as never;

  for (const how of ["closeWrite", "close"] as const) {
    for (const when of ["before", "meanwhile", "locked meanwhile", "afterwards"] as const) {
      test(`${kind}: ${how}() while calls wait: a writer of a writable first asked for ${when} is refused`, async () => {
        await using pair = socketpair({ ...options, sendBufferSize: 16_384 });
        const writable = () => pair[0].writable as WritableStream<never>;
        if (when === "before") writable();
        const writes = Array.from({ length: COUNT }, () => pair[0].write(new Uint8Array(SIZE)));
        await watched(pair[0], "write");
        const closing = pair[0][how]();
        if (when === "meanwhile") writable();
        const early = when === "locked meanwhile" ? writable().getWriter() : undefined;
        const [bytes] = await Promise.all([count(pair[1].readable), ...writes, closing]);
        assert.equal(bytes, COUNT * SIZE);
        const writer = early ?? writable().getWriter();
        await assert.rejects(writer.write(chunkOf(7)), { name: "TypeError" });
        await assert.rejects(pair[0].write(new Uint8Array(7)), { name: "TypeError" });
      });
    }

    test(`${kind}: ${how}() while calls wait refuses what a writer of a writable asked for meanwhile writes at once`, async () => {
      await using pair = socketpair({ ...options, sendBufferSize: 16_384 });
      const writes = Array.from({ length: COUNT }, () => pair[0].write(new Uint8Array(SIZE)));
      await watched(pair[0], "write");
      const closing = pair[0][how]();
      const writing = assert.rejects(
        (pair[0].writable as WritableStream<never>).getWriter().write(chunkOf(7)),
        TypeError,
      );
      const [bytes] = await Promise.all([count(pair[1].readable), ...writes, closing]);
      assert.equal(bytes, COUNT * SIZE);
      await writing;
    });
  }

  test(`${kind}: writer.close(), then calls without the lock: what resolves has come, what has not come rejects`, async () => {
    await using pair = socketpair({ ...options, sendBufferSize: 16_384 });
    const writer = (pair[0].writable as WritableStream<never>).getWriter();
    const outcomes: Promise<number>[] = [];
    const note = (promise: Promise<unknown>) => outcomes.push(promise.then(() => 1, () => 0));
    for (let index = 0; index < COUNT; index += 1) note(writer.write(chunkOf(SIZE)));
    const closing = writer.close();
    writer.releaseLock();
    for (let index = 0; index < COUNT; index += 1) note(pair[0].write(new Uint8Array(SIZE)));
    const [bytes] = await Promise.all([count(pair[1].readable), closing]);
    const resolved = (await Promise.all(outcomes)).reduce((sum, one) => sum + one, 0);
    assert.equal(bytes, resolved * SIZE);
  });
}

for (const options of [{}, { type: "seqpacket" }, { framing: "uint32le" }] as const) {
  test(`${JSON.stringify(options)}, shared: closeWrite() while calls wait: a writer asked for meanwhile is refused, and nothing hangs`, async () => {
    await using pair = socketpair({ ...options, shared: true, sendBufferSize: 16_384 });
    const calls = Array.from({ length: 3 }, () => pair[0].write(new Uint8Array(SIZE)));
    await watched(pair[0], "write");
    const closing = pair[0].closeWrite();
    const writer = pair[0].writable.getWriter();
    const buffer = new Uint8Array(3 * SIZE);
    for (let bytes = 0; bytes < 3 * SIZE;) bytes += (await pair[1].read(buffer))!;
    await Promise.all([...calls, closing]);
    // The peer is not told of the end, and would take all of these: one resolves, the next waits for room.
    for (const size of [7, SIZE, SIZE, SIZE]) {
      const outcome = writer.write(new Uint8Array(size)).then(() => "resolved", (error: Error) => error.name);
      assert.equal(await Promise.race([outcome, delay(500, "never settles")]), "TypeError");
    }
  });
}

for (const chunks of ["records", "batches"] as const) {
  test(`${chunks}: cancel() while a framed read waits for the rest of a record: the read ends`, async () => {
    const pair = socketpair({ framing: "uint32le", chunks });
    const { fd } = pair[0].detach();
    writeFd(fd, new Uint8Array([100, 0, 0, 0, 1, 2, 3]));
    const reading = pair[1].read(new Uint8Array(200));
    await watched(pair[1], "read");
    await pair[1].readable.cancel();
    assert.equal(await reading, null);
    closeFd(fd);
    await pair[1].close();
  });

  test(`${chunks}: cancel() behind a peer that ended in the middle of a record: a read asked before tells the truth`, async () => {
    const pair = socketpair({ framing: "uint32le", chunks });
    const { fd } = pair[0].detach();
    writeFd(fd, new Uint8Array([100, 0, 0, 0, 1, 2, 3]));
    closeFd(fd);
    const reading = pair[1].read(new Uint8Array(200));
    const cancelled = pair[1].readable.cancel();
    await assert.rejects(reading, { name: "FramingError", code: "ERR_FRAMING_CUT" });
    await cancelled.catch(() => {});
    await pair[1].close().catch(() => {});
  });

  test(`${chunks}: cancel() before the end of a peer is noticed: the read that waits for the rest of a record ends`, async () => {
    const pair = socketpair({ framing: "uint32le", chunks });
    const { fd } = pair[0].detach();
    writeFd(fd, new Uint8Array([100, 0, 0, 0, 1, 2, 3]));
    const reading = pair[1].read(new Uint8Array(200));
    await watched(pair[1], "read");
    closeFd(fd);
    await pair[1].readable.cancel();
    assert.equal(await reading, null);
    await pair[1].close().catch(() => {});
  });
}
