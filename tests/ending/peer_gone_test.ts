/** The peer has gone, and nothing was lost by it: the sending direction has not failed, and the next write does. */

import { type SocketEnd, socketpair, type SocketPairOptions } from "../../mod.ts";
import { assert, test } from "../_support.ts";
import { numberOf } from "../_waiting.ts";

const KINDS = {
  stream: { type: "stream" },
  seqpacket: { type: "seqpacket" },
  framed: { framing: "uint32le" },
} as const satisfies Record<string, SocketPairOptions>;
type Kind = (typeof KINDS)[keyof typeof KINDS];

const GONE = { name: "SocketError", code: "EPIPE", syscall: "sendmsg", message: /the peer has closed/ };
const BYTE = new Uint8Array(1);

/** Reads to EOF of a peer that has gone, with what is held of the end made before. */
async function behindEof<T>(options: Kind, hold: (end: SocketEnd) => T): Promise<[SocketEnd, T]> {
  const [ours, theirs] = socketpair(options);
  const held = hold(ours);
  await theirs.close();
  assert.equal(await ours.read(BYTE), null);
  await ours.closed;
  assert.equal(numberOf(ours), -1);
  return [ours, held];
}

interface Writes {
  write(chunk: Uint8Array): Promise<unknown>;
}

async function firstCaller(end: Writes): Promise<void> {
  await end.write(BYTE);
}

async function secondCaller(end: Writes): Promise<void> {
  await end.write(BYTE);
}

const writerOf = (end: SocketEnd) => end.writable.getWriter();

for (const [kind, options] of Object.entries(KINDS)) {
  test(`${kind}: writer.close() behind a peer that has gone resolves`, async () => {
    const [, writer] = await behindEof(options, writerOf);
    await writer.ready;
    await writer.close();
    await writer.closed;
  });

  test(`${kind}: writer.close() behind a peer that has gone, where the writable was not asked for before`, async () => {
    const [end] = await behindEof(options, () => {});
    await end.writable.close();
  });

  test(`${kind}: writer.write() behind a peer that has gone is EPIPE, the first and the next, and the writer fails`, async () => {
    for (const hold of [writerOf, () => undefined]) {
      const [end, held] = await behindEof(options, hold);
      const writer = held ?? writerOf(end);
      await assert.rejects(writer.write(BYTE), GONE);
      await assert.rejects(writer.write(BYTE), GONE);
      await assert.rejects(writer.closed, GONE);
      await end.closed;
    }
  });

  test(`${kind}: write() behind a peer that has gone is an error anew each time, whose stack is its caller's`, async () => {
    const [end] = await behindEof(options, () => {});
    const first = await firstCaller(end).catch((error) => error);
    const second = await secondCaller(end).catch((error) => error);
    assert.deepEqual([first.code, second.code, first === second], ["EPIPE", "EPIPE", false]);
    assert.match(first.stack, /firstCaller/);
    assert.match(second.stack, /secondCaller/);
    const third = await secondCaller({ write: (chunk) => end.writable.getWriter().write(chunk) }).catch((error) =>
      error
    );
    assert.match(third.stack, /secondCaller/);
  });

  test(`${kind}: flush(), closeWrite(), close() and both disposals behind a peer that has gone do nothing`, async () => {
    const [end] = await behindEof(options, () => {});
    await Promise.all([end.flush(), end.closeWrite(), end.close(), end.close(new Error("why"))]);
    end[Symbol.dispose]();
    await end[Symbol.asyncDispose]();
    end.closeRead();
    await end.closed;
    await end.peerClosed;
  });

  test(`${kind}: abort() behind a peer that has gone resolves, and its reason is what writes fail with`, async () => {
    const [end, writer] = await behindEof(options, writerOf);
    const reason = new Error("why");
    await writer.abort(reason);
    await assert.rejects(writer.write(BYTE), (error) => error === reason);
    await end.closed;
  });

  test(`${kind}: a pipe into the writable of a peer that has gone ends in order if it brings nothing, else with EPIPE`, async () => {
    const [idle] = await behindEof(options, () => {});
    await ReadableStream.from([]).pipeTo(idle.writable);
    const [busy] = await behindEof(options, () => {});
    await assert.rejects(ReadableStream.from([BYTE]).pipeTo(busy.writable), GONE);
  });

  test(`${kind}: an echo by pipeTo() ends in order when the peer goes`, async () => {
    const [ours, theirs] = socketpair(options);
    const echo = theirs.readable.pipeTo(theirs.writable);
    await ours.write(BYTE);
    await ours.flush();
    assert.equal(await ours.read(new Uint8Array(10)), 1);
    await ours.close();
    await echo;
    await theirs.closed;
  });

  test(`${kind}: closeWrite() under a lock loses nothing either when the reader meets EOF in the same turn`, async () => {
    const [ours, theirs] = socketpair(options);
    const writer = ours.writable.getWriter();
    await writer.ready;
    await theirs.close();
    const closing = ours.closeWrite();
    assert.equal(await ours.read(BYTE), null);
    await Promise.all([closing, ours.closed]);
    await Promise.all([writer.close(), writer.closed]);
  });

  for (const act of ["detach", "transfer", "duplicate"] as const) {
    test(`${kind}: ${act}() behind a peer that has gone says that the end is closed`, async () => {
      const [end] = await behindEof(options, () => {});
      assert.throws(() => end[act](), { name: "TypeError", message: `Cannot ${act}: the end is closed` });
    });
  }

  test(`${kind}: a flush that waits when the peer goes fails, and the writable too`, async () => {
    const [ours, theirs] = socketpair({ ...options, sendBufferSize: 1 });
    const writer = ours.writable.getWriter();
    const writes = Array.from({ length: 50 }, () => writer.write(new Uint8Array(10_000)));
    const outcomes = Promise.allSettled([...writes, ours.flush(), writer.closed, ours.closed]);
    await theirs.close();
    assert.equal(await ours.read(BYTE), null);
    const last = (await outcomes).slice(-4);
    assert.deepEqual(last.map((it) => it.status === "rejected" ? it.reason.code : it.status), Array(4).fill("EPIPE"));
  });
}

test("dgram: a peer that has gone is ECONNREFUSED, once, and no EOF", async () => {
  const [ours, theirs] = socketpair({ type: "dgram" });
  await theirs.close();
  await assert.rejects(ours.write(BYTE), { code: "ECONNREFUSED" });
  await ours.close().catch(() => {});
});
