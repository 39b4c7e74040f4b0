/** Under Node's adapters it is an error if something was lost: a chunk that the peer has not read, or a write under way. */

import { SocketEnd } from "../../mod.ts";
import * as ffi from "../../ffi/mod.ts";
import { Readable, Writable } from "node:stream";
import type { ReadableStream as NodeReadable, WritableStream as NodeWritable } from "node:stream/web";
import { assert, CONNECTED, test } from "../_support.ts";
import { watched } from "../_epoll.ts";
import { duplexOf, WAYS } from "./_adapters.ts";

const SOCK = { stream: ffi.SOCK_STREAM, seqpacket: ffi.SOCK_SEQPACKET } as const;
/** These tell of the error of either direction. For the others Node's versions differ: they look at the readable alone, or not. */
const TELLS = ["for await", "text()", "finished()"];

/** What is lost, and how the peer goes then. */
const LOSSES: Record<string, { chunks: number; lose: (end: SocketEnd, peer: number) => Promise<void> }> = {
  ECONNRESET: {
    chunks: 1,
    lose: async (_, peer) => {
      while (!queued(peer)) await new Promise(setImmediate);
    },
  },
  EPIPE: {
    chunks: 20,
    lose: async (end, peer) => {
      await watched(end, "write");
      // With all read there is no reset.
      while (queued(peer)) ffi.recvmsg(peer, { iov: [new Uint8Array(1 << 20)] }, ffi.MSG_DONTWAIT);
    },
  },
};

function queued(fd: number): boolean {
  try {
    return ffi.recvmsg(fd, { iov: [new Uint8Array(1)] }, ffi.MSG_PEEK | ffi.MSG_DONTWAIT).bytes > 0;
  } catch {
    return false;
  }
}

for (const type of CONNECTED) {
  for (const [code, { chunks, lose }] of Object.entries(LOSSES)) {
    const start = async (writableOf: (end: SocketEnd) => Writable) => {
      const [fd, peer] = ffi.socketpair(ffi.AF_UNIX, SOCK[type], 0);
      const end = SocketEnd.from(fd);
      const writable = writableOf(end);
      const failed = new Promise<{ code?: string }>((resolve) => writable.on("error", resolve));
      for (let index = 0; index < chunks; index += 1) writable.write(new Uint8Array(100_000));
      await lose(end, peer);
      ffi.write(peer, new TextEncoder().encode("hi\n"));
      ffi.close(peer);
      return { end, writable, failed };
    };

    for (const [way, read] of Object.entries(WAYS)) {
      test(`Duplex.fromWeb() ${type}: the peer goes, and ${code} is its error, read by ${way}`, async () => {
        const { end, writable, failed } = await start(duplexOf);
        const [outcome] = await Promise.allSettled([read(writable as Writable & Readable), failed]);
        if (outcome.status === "rejected") assert.equal(outcome.reason.code, code);
        else assert.deepEqual([outcome.value, TELLS.includes(way)], ["hi\n", false]);
        assert.equal((await failed).code, code);
        await assert.rejects(end.closed, { code });
        assert.equal(writable.destroyed, true);
      });
    }

    test(`Writable.fromWeb() ${type}: the peer goes, ${code} is its error, and the reader has everything`, async () => {
      const { end, failed } = await start((it) => Writable.fromWeb(it.writable as NodeWritable, { objectMode: true }));
      const readable = Readable.fromWeb(end.readable as NodeReadable, { objectMode: true });
      assert.equal(await WAYS["for await"]!(readable), "hi\n");
      assert.equal((await failed).code, code);
      await assert.rejects(end.closed, { code });
    });
  }

  test(`Writable.fromWeb() ${type}: a write behind a peer that has gone in order is EPIPE`, async () => {
    const [fd, peer] = ffi.socketpair(ffi.AF_UNIX, SOCK[type], 0);
    const end = SocketEnd.from(fd);
    const writable = Writable.fromWeb(end.writable as NodeWritable);
    ffi.close(peer);
    for await (const _ of end.readable);
    await end.closed;
    const failed = new Promise<{ code?: string }>((resolve) => writable.on("error", resolve));
    writable.write(new Uint8Array(1));
    assert.equal((await failed).code, "EPIPE");
  });
}
