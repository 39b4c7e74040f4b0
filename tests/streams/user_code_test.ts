/** Code of the caller's that runs within a call of ours: a getter of a chunk, a buffer or a stream. */

import { closeSync, openSync } from "node:fs";
import { type AnyEnd, type SocketEnd, socketpair, type SocketPairOptions } from "../../mod.ts";
import { CANARY, REAL } from "../_liars.ts";
import { openFile } from "../peers/_sockets.ts";
import { assert, delay, test } from "../_support.ts";

const KINDS: Record<string, SocketPairOptions> = {
  "bytes": {},
  "records": { type: "seqpacket" },
  "framing": { framing: "uint32le" },
  "batches": { type: "seqpacket", chunks: "batches" },
  "framed batches": { framing: "uint32le", chunks: "batches" },
};
const isBatched = (options: SocketPairOptions) => options.chunks === "batches";

/** Parts of one chunk, the last of which is read by a getter. */
function parts(...given: [...Uint8Array[], () => Uint8Array]): Uint8Array[] {
  const all = given.slice(0, -1) as Uint8Array[];
  const get = given.at(-1) as () => Uint8Array;
  return Object.defineProperty(all, all.length, { get, enumerable: true });
}

const filled = (size: number, byte: number): Uint8Array<ArrayBuffer> => new Uint8Array(size).fill(byte);

/** All bytes that are read until EOF, in one array. */
async function drained(end: AnyEnd): Promise<number[]> {
  const bytes: number[] = [];
  for await (const chunk of end.readable as unknown as AsyncIterable<Uint8Array | Uint8Array[]>) {
    for (const part of Array.isArray(chunk) ? chunk : [chunk]) bytes.push(...part);
  }
  return bytes;
}

for (const [kind, options] of Object.entries(KINDS)) {
  test(`${kind}: a call whose chunk writes another comes behind that one, and both arrive whole`, async () => {
    const [left, right] = socketpair({ ...options, sendBufferSize: 8192 }) as unknown as [SocketEnd, AnyEnd];
    let nested: Promise<number> | undefined;
    const outer = left.write(parts(() => {
      nested ??= left.write(filled(100_000, 1));
      return filled(10, 2);
    }));
    const coming = drained(right);
    assert.deepEqual([await outer, await nested], [10, 100_000]);
    await left.close();
    assert.deepEqual(await coming, [...filled(100_000, 1), ...filled(10, 2)]);
    await right.close();
  });

  for (const how of ["closeWrite", "close", "close with a reason"] as const) {
    test(`${kind}: a chunk that calls ${how}() while it is taken: it is sent or refused, the next is refused`, async () => {
      const [left, right] = socketpair(options) as unknown as [SocketEnd, AnyEnd];
      const coming = drained(right);
      const writer = (left.writable as WritableStream<unknown>).getWriter();
      // A stream that has begun takes a chunk within the call of write().
      await delay(1);
      const evil = parts(() => {
        if (how === "closeWrite") void left.closeWrite();
        else left.close(how === "close" ? undefined : new Error("enough")).catch(() => {});
        return filled(3, 1);
      });
      const writes = [evil, filled(3, 2)].map((it) => writer.write(isBatched(options) ? [it] : it));
      const [first, second] = await Promise.allSettled([...writes, left.flush()]);
      assert.deepEqual([first!.status, second!.status], [
        how === "close with a reason" ? "rejected" : "fulfilled",
        "rejected",
      ]);
      await left.close().catch(() => {});
      assert.deepEqual(await coming, how === "close with a reason" ? [] : [1, 1, 1]);
      await right.close();
    });
  }

  if (!isBatched(options)) continue;
  test(`${kind}: a record that makes an earlier view lie changes nothing of that one`, async () => {
    for (const size of [64, 8192]) {
      const [left, right] = socketpair(options) as unknown as [SocketEnd, AnyEnd];
      const block = filled(3 * size, CANARY).fill(REAL, size, 2 * size);
      const view = block.subarray(size, 2 * size);
      const evil = parts(() => {
        Object.defineProperty(view, "byteLength", { value: 2 * size });
        return filled(1, REAL);
      });
      const coming = drained(right);
      await (left.writable as WritableStream<unknown>).getWriter().write([view, evil]);
      await left.close();
      assert.deepEqual(await coming, [...filled(size + 1, REAL)]);
      await right.close();
    }
  });

  test(`${kind}: a record that is another each time it is read is sent as it was the first time`, async () => {
    const [left, right] = socketpair({ ...options, sendBufferSize: 8192 }) as unknown as [SocketEnd, AnyEnd];
    let reads = 0;
    const record = parts(() => filled(reads++ === 0 ? 100_000 : 10, 7));
    const writing = (left.writable as WritableStream<unknown>).getWriter().write([filled(5, 6), record, filled(5, 8)]);
    await delay(20);
    const coming = drained(right);
    await writing;
    await left.close();
    assert.deepEqual(await coming, [...filled(5, 6), ...filled(100_000, 7), ...filled(5, 8)]);
    assert.equal(reads, 1);
    await right.close();
  });

  test(`${kind}: what stands before a record that is none is sent, as it was`, async () => {
    const [left, right] = socketpair(options) as unknown as [SocketEnd, AnyEnd];
    const coming = drained(right);
    const writing = (left.writable as WritableStream<unknown>).getWriter().write([filled(3, 1), "text", filled(3, 2)]);
    await assert.rejects(writing, { name: "TypeError", message: /TextEncoder/ });
    assert.deepEqual(await coming, [1, 1, 1]);
    await left.close().catch(() => {});
    await right.close();
  });
}

test("a message of which a getter takes an earlier part away is refused", async () => {
  const [left, right] = socketpair({ type: "seqpacket", chunks: "messages" });
  const first = filled(5000, 1);
  const data = parts(first, () => (structuredClone(first.buffer, { transfer: [first.buffer] }), filled(1, 2)));
  await assert.rejects(left.writable.getWriter().write({ data }), { name: "TypeError", message: /detached/ });
  await left.close().catch(() => {});
  assert.equal((await right.readable.getReader().read()).done, true);
  await right.close();
});

test("the resizable of a message's buffer, which would send another message, takes no descriptor of that one along", async () => {
  const pairs = [
    socketpair({ type: "seqpacket", chunks: "messages" }),
    socketpair({ type: "seqpacket", chunks: "messages" }),
  ];
  const [mine, others] = [openSync("/proc/self/exe", "r"), openSync("/dev/null", "r")];
  const other = pairs[1]![0].writable.getWriter();
  const buffer = new ArrayBuffer(10_000);
  let sent: Promise<void> | undefined;
  Object.defineProperty(buffer, "resizable", {
    get: () => (sent ??= other.write({ data: filled(1, 1), descriptors: [others] }), false),
  });
  await pairs[0]![0].writable.getWriter().write({ data: new Uint8Array(buffer), descriptors: [mine] });
  const { value } = await pairs[0]![1].readable.getReader().read();
  assert.equal(value!.descriptors.length, 1);
  assert.equal(openFile(value!.descriptors[0]!.fd), openFile(mine));
  value!.descriptors[0]!.close();
  await sent;
  for (const pair of pairs) for (const end of pair) await end.close();
  closeSync(mine);
  closeSync(others);
});

test("a stream whose own locked throws is read all the same, and no other end suffers", async () => {
  const pairs = Array.from({ length: 2 }, () => socketpair({ type: "seqpacket" }));
  const reading = pairs.map(async ([, end]) => {
    const get = (): never => {
      throw new Error("no");
    };
    const reader = end.readable.getReader();
    const result = reader.read();
    Object.defineProperty(end.readable, "locked", { get });
    return (await result).value;
  });
  await delay(5);
  for (const [end] of pairs) await end.write(filled(2, 1));
  assert.deepEqual(await Promise.all(reading), [filled(2, 1), filled(2, 1)]);
  for (const end of pairs.flat()) await end.close();
});

test("a stream whose own locked throws is written and closed all the same", async () => {
  const [left, right] = socketpair({ type: "seqpacket" });
  Object.defineProperty(left.writable, "locked", {
    get(): never {
      throw new Error("no");
    },
  });
  await left.write(filled(2, 1));
  await left.close();
  assert.deepEqual(await drained(right), [1, 1]);
  await right.close();
});
