/** Under Node's adapters it is no error when either side closes in order, whichever way it is read. */

import process from "node:process";
import { type SocketEnd, socketpair } from "../../mod.ts";
import { Readable, Writable } from "node:stream";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import type { ReadableStream as NodeReadable, WritableStream as NodeWritable } from "node:stream/web";
import { assert, CONNECTED, delay, test } from "../_support.ts";
import { duplexOf, PEERS, SAID, WAYS } from "./_adapters.ts";

// pipe() looks at them, and Bun opens a descriptor for each at the first look.
void [process.stdout, process.stderr];

for (const type of CONNECTED) {
  for (const [who, start] of Object.entries(PEERS)) {
    for (const [way, read] of Object.entries(WAYS)) {
      test(`Duplex.fromWeb() ${type}: ${who} says something and goes, read by ${way}`, async () => {
        const end = await start(type);
        assert.equal(await read(duplexOf(end)), SAID);
        await end.closed;
      });

      test(`Readable.fromWeb() ${type}: ${who} says something and goes, read by ${way}`, async () => {
        const end = await start(type);
        const readable = Readable.fromWeb(end.readable as NodeReadable, { objectMode: type === "seqpacket" });
        assert.equal(await read(readable), SAID);
        await end.closed;
      });

      test(`Writable.fromWeb() ${type}: it is idle beside a reader while ${who} goes, read by ${way}`, async () => {
        const end = await start(type);
        const writable = Writable.fromWeb(end.writable as NodeWritable, { objectMode: type === "seqpacket" });
        assert.equal(await read(Readable.fromWeb(end.readable as NodeReadable, { objectMode: true })), SAID);
        await end.closed;
        assert.deepEqual([writable.errored, writable.destroyed], [null, false]);
        writable.end();
        await finished(writable);
      });
    }
  }

  test(`Duplex.fromWeb() ${type}: an echo of two of them ends in order`, async () => {
    const [ours, theirs] = socketpair({ type });
    const [asks, echoes] = [duplexOf(ours), duplexOf(theirs)];
    echoes.pipe(echoes);
    asks.write(new TextEncoder().encode("again"));
    const [first] = await once(asks, "data");
    assert.equal(Buffer.from(first).toString(), "again");
    asks.end();
    await Promise.all([ours.closed, theirs.closed]);
  });
}

/** How an end that is idle is closed in order on its own side. */
const CLOSING: Record<string, (end: SocketEnd, peer: SocketEnd) => Promise<unknown>> = {
  "close()": (end) => end.close(),
  "closeWrite(), then close()": async (end) => (await end.closeWrite(), await end.close()),
  "EOF of the peer, then close()": async (end, peer) => {
    await peer.closeWrite();
    assert.equal(await end.read(new Uint8Array(1)), null);
    await end.close();
  },
  "its disposal": (end) => end[Symbol.asyncDispose](),
};

for (const type of CONNECTED) {
  for (const [how, close] of Object.entries(CLOSING)) {
    test(`Writable.fromWeb() ${type}: it is idle when its end is closed by ${how}, and that is no error`, async () => {
      const [end, peer] = socketpair({ type });
      const writable = Writable.fromWeb(end.writable as NodeWritable, { objectMode: type === "seqpacket" });
      let error: Error | undefined;
      writable.on("error", (it) => error = it);
      await delay(5);
      await close(end, peer);
      await end.closed;
      await delay(5);
      assert.equal(error, undefined);
      writable.end();
      await finished(writable);
      await peer.close();
    });
  }

  test(`Writable.fromWeb() ${type}: EOF of the peer closes an end that is not half-open, and that is no error`, async () => {
    const [end, peer] = socketpair({ type, allowHalfOpen: false });
    const writable = Writable.fromWeb(end.writable as NodeWritable, { objectMode: type === "seqpacket" });
    await delay(5);
    await peer.closeWrite();
    assert.equal(await end.read(new Uint8Array(1)), null);
    await end.closed;
    await delay(5);
    assert.equal(writable.errored, null);
    writable.end();
    await finished(writable);
    await peer.close();
  });

  test(`${type}: a writer that has the lock when its end is closed: write() is refused, close() is not`, async () => {
    for (const writes of [true, false]) {
      const [end, peer] = socketpair({ type });
      const writer = end.writable.getWriter();
      await writer.ready;
      await end.close();
      if (!writes) await Promise.all([writer.close(), writer.closed]);
      else {
        const closed = { name: "TypeError", message: "Cannot write: the end is closed" };
        await Promise.all([
          assert.rejects(writer.write(new Uint8Array(1)), closed),
          assert.rejects(writer.closed, closed),
        ]);
      }
      await peer.close();
    }
  });

  test(`${type}: a pipe into an end that is closed after its writer has let go is told at once`, async () => {
    const [end, peer] = socketpair({ type });
    const writer = end.writable.getWriter();
    await writer.write(new Uint8Array(1));
    writer.releaseLock();
    const piping = assert.rejects(new ReadableStream<Uint8Array>().pipeTo(end.writable), TypeError);
    await delay(5);
    await end.close();
    await piping;
    await peer.close();
  });
}

for (const type of CONNECTED) {
  test(`Duplex.fromWeb() ${type}: destroy() without an error closes the end, and nothing has failed`, async () => {
    const [ours, theirs] = socketpair({ type });
    duplexOf(ours).destroy();
    await ours.closed;
    await ours.close();
    assert.equal(await theirs.read(new Uint8Array(1)), null);
    await theirs.close();
  });
}
