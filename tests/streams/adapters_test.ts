/** A peer to which nothing was written goes in order: under Node's adapters that is no error, whichever way it is read. */

import process from "node:process";
import { socketpair } from "../../mod.ts";
import { Readable, Writable } from "node:stream";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import type { ReadableStream as NodeReadable, WritableStream as NodeWritable } from "node:stream/web";
import { assert, CONNECTED, test } from "../_support.ts";
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
