/** What a caller's view says of itself is not believed: not a byte beside the real view is sent, or written. */

import { type AnyEnd, type Chunk, type SocketEnd, socketpair, type SocketPairOptions } from "../../mod.ts";
import { AF_UNIX, close, read, recvmsg, sendmsg, SOCK_STREAM, socketpair as rawPair, write } from "../../ffi/mod.ts";
import { CANARY, liar, LIES, REAL } from "../_liars.ts";
import { assert, test } from "../_support.ts";

/** Below what is copied on its way to the kernel, and above. */
const SIZES = [64, 8192, 65_536];

/** Writes to the first end of a pair, and gives all that arrives at the second. */
async function arrived(options: SocketPairOptions, send: (end: SocketEnd) => Promise<unknown>): Promise<number[]> {
  await using pair = socketpair(options) as unknown as AsyncDisposable & [SocketEnd, AnyEnd];
  await send(pair[0]);
  await pair[0].closeWrite();
  const chunks: number[] = [];
  for await (const chunk of pair[1].readable) {
    const { data = chunk } = chunk as { data?: unknown };
    for (const part of (Array.isArray(data) ? data : [data]) as Uint8Array[]) chunks.push(...part);
  }
  return chunks;
}

type Send = (view: ArrayBufferView) => (end: SocketEnd) => Promise<unknown>;
const byCall: Send = (view) => (end) => end.write(view);
const byWriter: Send = (view) => (end) => end.writable.getWriter().write(view);
const inBatch: Send = (view) => (end) => end.writable.getWriter().write([view] as never);
const inMessage: Send = (view) => (end) => end.writable.getWriter().write({ data: view } as never);

/** Every place that takes a view to be sent. */
const SENDING: Record<string, [SocketPairOptions, Send]> = {
  "write() of bytes": [{}, byCall],
  "write() of a record": [{ type: "seqpacket" }, byCall],
  "write() with framing": [{ framing: "uint32le" }, byCall],
  "write() of parts": [{ type: "seqpacket" }, (view) => (end) => end.write([view] as Chunk)],
  "write() of parts of bytes": [{}, (view) => (end) => end.write([view] as Chunk)],
  "writable of bytes": [{}, byWriter],
  "writable of records": [{ type: "seqpacket" }, byWriter],
  "writable with framing": [{ framing: "uint32le" }, byWriter],
  "batches of records": [{ type: "seqpacket", chunks: "batches" }, inBatch],
  "batches with framing": [{ framing: "uint32le", chunks: "batches" }, inBatch],
  "messages": [{ type: "seqpacket", chunks: "messages" }, inMessage],
  "messages on a stream": [{ chunks: "messages" }, inMessage],
};

for (const [place, [options, send]] of Object.entries(SENDING)) {
  test(`${place}: only the real bytes of a view that lies are sent`, async () => {
    for (const lie of LIES) {
      for (const size of SIZES) {
        const bytes = await arrived(options, send(liar(lie, size).view));
        assert.equal(bytes.length, size, `${lie}: ${size} bytes`);
        assert.ok(bytes.every((byte) => byte === REAL), `${lie}: ${size} bytes, and others among them`);
      }
    }
  });
}

/** Every place that takes a view to be filled, on a pair of which the first end has sent three times as much. */
const RECEIVING: Record<string, SocketPairOptions> = {
  "read() of bytes": {},
  "read() of a record": { type: "seqpacket" },
  "read() with framing": { framing: "uint32le" },
};

for (const [place, options] of Object.entries(RECEIVING)) {
  test(`${place}: nothing beside a view that lies is written`, async () => {
    for (const lie of LIES) {
      for (const size of SIZES) {
        await using pair = socketpair(options) as unknown as AsyncDisposable & [SocketEnd, SocketEnd];
        const { view, block } = liar(lie, size);
        await pair[0].write(new Uint8Array(size * 2).fill(2));
        await pair[0].flush();
        await pair[1].read(view).catch(() => {});
        const beside = [...block.subarray(0, size), ...block.subarray(size * 2)];
        assert.ok(beside.every((byte) => byte === CANARY), `${lie}: ${size} bytes`);
      }
    }
  });
}

test("ffi: write() and sendmsg() send only the real bytes of a view that lies", () => {
  for (const lie of LIES) {
    for (const size of SIZES) {
      const [left, right] = rawPair(AF_UNIX, SOCK_STREAM, 0);
      write(left, liar(lie, size).view);
      sendmsg(left, { iov: [liar(lie, size).view] });
      close(left);
      const bytes: number[] = [];
      for (const buffer = new Uint8Array(100_000);;) {
        const count = read(right, buffer);
        if (count === 0) break;
        bytes.push(...buffer.subarray(0, count));
      }
      close(right);
      assert.equal(bytes.length, size * 2, `${lie}: ${size} bytes`);
      assert.ok(bytes.every((byte) => byte === REAL), `${lie}: ${size} bytes, and others among them`);
    }
  }
});

test("ffi: read() and recvmsg() write nothing beside a view that lies", () => {
  for (const lie of LIES) {
    for (const size of SIZES) {
      for (const how of ["read", "recvmsg"]) {
        const [left, right] = rawPair(AF_UNIX, SOCK_STREAM, 0);
        const { view, block } = liar(lie, size);
        write(left, new Uint8Array(size * 2).fill(2));
        if (how === "read") read(right, view);
        else recvmsg(right, { iov: [view] });
        close(left);
        close(right);
        const beside = [...block.subarray(0, size), ...block.subarray(size * 2)];
        assert.ok(beside.every((byte) => byte === CANARY), `${how}, ${lie}: ${size} bytes`);
      }
    }
  }
});

test("ffi: sendmsg() sends no memory for control messages that lie about their size", () => {
  const [left, right] = rawPair(AF_UNIX, SOCK_STREAM, 0);
  const control = Object.defineProperty(new Uint8Array(0), "byteLength", { get: () => 64 });
  assert.equal(sendmsg(left, { iov: [new Uint8Array(1)], control }), 1);
  close(left);
  close(right);
});

for (const type of ["stream", "seqpacket"] as const) {
  test(`${type}: write() sends as many bytes as it resolves to, whatever an element's getter gives the second time`, async () => {
    let asked = 0;
    const parts = Object.defineProperty([new Uint8Array(5)], 1, {
      enumerable: true,
      get: () => new Uint8Array(10 * (asked += 1)),
    });
    let told: unknown;
    const bytes = await arrived({ type }, async (end) => told = await end.write(parts));
    assert.equal(told, bytes.length);
  });

  for (const what of ["shrinks", "detaches"] as const) {
    test(`${type}: write() of parts sends nothing beside them where an element's getter ${what} the one before`, async () => {
      const buffer = new ArrayBuffer(8192, { maxByteLength: 8192 });
      const parts: Uint8Array[] = [new Uint8Array(buffer).fill(REAL)];
      Object.defineProperty(parts, 1, {
        enumerable: true,
        get: () => {
          if (what === "shrinks") buffer.resize(1);
          else if (!buffer.detached) structuredClone(buffer, { transfer: [buffer] });
          return new Uint8Array(1).fill(REAL);
        },
      });
      let told: unknown = 0;
      const bytes = await arrived({ type }, async (end) => told = await end.write(parts).catch(() => 0));
      assert.equal(told, bytes.length);
      assert.ok(bytes.every((byte) => byte === REAL));
    });
  }

  test(`${type}: write() sends what a growing SharedArrayBuffer had, or all it has`, async () => {
    const buffer = new SharedArrayBuffer(5000, { maxByteLength: 10_000 });
    new Uint8Array(buffer).fill(REAL);
    const parts: Uint8Array[] = [new Uint8Array(buffer)];
    Object.defineProperty(parts, 1, {
      enumerable: true,
      get: () => {
        buffer.grow(10_000);
        return new Uint8Array(1).fill(REAL);
      },
    });
    let told: unknown;
    const bytes = await arrived({ type }, async (end) => told = await end.write(parts));
    assert.equal(told, bytes.length);
  });

  test(`${type}: read() and write() refuse a proxy of a view`, async () => {
    await using pair = socketpair({ type }) as unknown as AsyncDisposable & [SocketEnd, SocketEnd];
    const proxy = new Proxy(new Uint8Array(8), {}) as Uint8Array;
    await assert.rejects(pair[0].write(proxy), { name: "TypeError", message: /^Cannot write / });
    await assert.rejects(pair[0].read(proxy), { name: "TypeError", message: /^Cannot read into / });
  });
}

test("what stands on Uint8Array.prototype is not believed either", async () => {
  const prototype = Object.getPrototypeOf(Uint8Array.prototype) as object;
  const { get } = Object.getOwnPropertyDescriptor(prototype, "byteLength")!;
  for (const options of [{}, { type: "seqpacket" }] as SocketPairOptions[]) {
    for (const size of SIZES) {
      const pair = socketpair(options) as unknown as [SocketEnd, SocketEnd];
      const block = new Uint8Array(3 * size).fill(CANARY).fill(REAL, size, 2 * size);
      const view = block.subarray(size, 2 * size);
      Object.defineProperty(Uint8Array.prototype, "byteLength", {
        configurable: true,
        get(this: Uint8Array) {
          return this === view ? 2 * size : get!.call(this);
        },
      });
      let sent: number | undefined;
      try {
        sent = pair[0].tryWrite(view);
      } finally {
        Reflect.deleteProperty(Uint8Array.prototype, "byteLength");
      }
      await pair[0].close();
      const bytes: number[] = [];
      for await (const chunk of pair[1].readable) bytes.push(...chunk);
      assert.ok(sent! > 0 && sent! <= size, `${sent} of ${size} bytes`);
      assert.ok(bytes.length === sent && bytes.every((byte) => byte === REAL), `${bytes.length} of ${size} bytes`);
      await pair[1].close();
    }
  }
});
