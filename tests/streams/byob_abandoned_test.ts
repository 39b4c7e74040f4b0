/** BYOB reads whose reader lets go, and who comes after it. */

import { OwnedDescriptor } from "../../ffi/owned_descriptor.ts";
import { SocketEnd, socketpair } from "../../mod.ts";
import { Buffer } from "node:buffer";
import { assert, delay, test } from "../_support.ts";
import { hasQueued, until } from "../_waiting.ts";

type Read = readonly [view: Uint8Array<ArrayBuffer> | Uint32Array<ArrayBuffer>, options: { min: number }];
const bytes = (length: number, min = 1): Read => [new Uint8Array(length), { min }];
const words = (length: number): Read => [new Uint32Array(length), { min: 1 }];

/** Asks, and lets go at once or when `wait` milliseconds are over. What had been there is read. */
async function letGo({ readable }: SocketEnd, reads: readonly Read[], wait?: number): Promise<number[]> {
  const reader = readable.getReader({ mode: "byob" });
  const outcomes = Promise.allSettled(reads.map(([view, options]) => reader.read(view, options)));
  if (wait !== undefined) await delay(wait);
  reader.releaseLock();
  return (await outcomes).flatMap((outcome) => outcome.status === "fulfilled" ? [...outcome.value.value!] : []);
}

function ask({ readable }: SocketEnd, ...reads: Read[]): void {
  const reader = readable.getReader({ mode: "byob" });
  for (const [view, options] of reads) reader.read(view, options).catch(() => {});
}

for (const mode of ["default", "byob", "iterator"] as const) {
  test(`what has come goes to the reader that asks behind two requests whose reader let go at once: ${mode}`, async () => {
    await using pair = socketpair();
    const { readable } = pair[1];
    await pair[0].writable.getWriter().write(new Uint8Array([1, 2]));
    const first = await letGo(pair[1], [bytes(1), bytes(1)]);
    const next = mode === "iterator"
      ? readable.values().next()
      : mode === "byob"
      ? readable.getReader({ mode }).read(new Uint8Array(9))
      : readable.getReader().read();
    const result = await Promise.race([next, delay(1000, undefined)]);
    assert.deepEqual([...first, ...result?.value ?? []], [1, 2]);
  });
}

const BEHIND: Record<string, { before: Read; sent: number[]; behind: Read[]; read: number }> = {
  "one with min": { before: bytes(10), sent: [3], behind: [bytes(8, 5)], read: 0 },
  "one with min, smaller than what came": { before: bytes(10), sent: [5], behind: [bytes(4, 4), bytes(9, 9)], read: 4 },
  "one with min, the first partly filled": { before: bytes(10, 9), sent: [4, 2], behind: [bytes(8, 8)], read: 0 },
  "one that is served, one with min": { before: bytes(10), sent: [5], behind: [bytes(2), bytes(6, 6)], read: 2 },
  "elements of four bytes": { before: bytes(10), sent: [7], behind: [words(1), words(3)], read: 4 },
  "what is refused, one with min": {
    before: bytes(10),
    sent: [3],
    behind: [bytes(0), bytes(4, 5), bytes(4, 4)],
    read: 0,
  },
};

for (const [name, { before, sent, behind, read }] of Object.entries(BEHIND)) {
  test(`detach() gives back what reads behind an abandoned one hold: ${name}`, async () => {
    const [left, right] = socketpair();
    const writer = left.writable.getWriter();
    const all = Uint8Array.from({ length: sent.reduce((a, b) => a + b) }, (_, index) => index + 1);
    let from = 0;
    const send = async (length: number) => {
      await writer.write(all.subarray(from, from += length));
      await until(() => !hasQueued(right), "its receipt");
    };
    const letting = letGo(right, [before], 20);
    for (const length of sent.slice(0, -1)) await send(length);
    await letting;
    ask(right, ...behind);
    await delay(5);
    await send(sent.at(-1)!);
    const { fd, unread } = right.detach();
    const kept = Buffer.concat(unread as Uint8Array[]);
    new OwnedDescriptor(fd).close();
    assert.deepEqual([...kept], [...all.subarray(read)]);
    await left.close().catch(() => {});
  });
}

/** How what was asked and given up is read after all. */
const AFTER: Record<string, (end: SocketEnd) => Promise<Uint8Array>> = {
  "a default reader": async (end) => (await end.readable.getReader().read()).value!,
  "a BYOB reader": async (end) => (await end.readable.getReader({ mode: "byob" }).read(new Uint8Array(9))).value!,
  "read()": async (end) => {
    const buffer = new Uint8Array(9);
    return buffer.subarray(0, (await end.read(buffer))!);
  },
  "tryRead()": (end) => {
    const buffer = new Uint8Array(9);
    return Promise.resolve(buffer.subarray(0, end.tryRead(buffer)!));
  },
  "from(transfer())": async (end) => {
    await using other = SocketEnd.from(end.transfer());
    return (await other.readable.getReader().read()).value!;
  },
};

for (const [name, read] of Object.entries(AFTER)) {
  test(`a part of an element that went to a read which was given up is read by ${name}`, async () => {
    await using pair = socketpair();
    const [left, right] = pair;
    await left.write(new Uint8Array([1, 2, 3]));
    const reader = right.readable.getReader({ mode: "byob" });
    assert.deepEqual([...new Uint8Array((await reader.read(new Uint16Array(2))).value!.buffer, 0, 2)], [1, 2]);
    const givenUp = assert.rejects(reader.read(new Uint8Array(50), { min: 4 }), TypeError);
    reader.releaseLock();
    await givenUp;
    assert.deepEqual([...await read(right)], [3]);
  });

  test(`an end goes on, read by ${name}, behind two reads of which the second, into the middle of a buffer, was given up`, async () => {
    await using pair = socketpair();
    const [left, right] = pair;
    const reader = right.readable.getReader({ mode: "byob" });
    const first = reader.read(new Uint8Array(8));
    const second = assert.rejects(reader.read(new Uint8Array(new ArrayBuffer(16), 8)), TypeError);
    await left.write(new Uint8Array([1, 2, 3]));
    assert.deepEqual([...(await first).value!], [1, 2, 3]);
    reader.releaseLock();
    await second;
    await left.write(new Uint8Array([4]));
    assert.deepEqual([...await read(right)], [4]);
  });
}

for (const how of ["getReader", "constructed"] as const) {
  for (const [name, view, min] of [["elements", new Uint32Array(2), 1], ["min", new Uint8Array(8), 8]] as const) {
    test(`what a BYOB reader that waits for more has, and lets go, the next reader has at once: ${how}, ${name}`, async () => {
      await using pair = socketpair();
      const [left, right] = pair;
      const first = how === "getReader"
        ? right.readable.getReader({ mode: "byob" })
        : new ReadableStreamBYOBReader(right.readable);
      const waiting = assert.rejects(first.read(structuredClone(view), { min }), TypeError);
      await delay(5);
      await left.write(new Uint8Array([1, 2, 3]));
      await until(() => !hasQueued(right), "its receipt");
      first.releaseLock();
      await waiting;
      assert.deepEqual([...(await right.readable.getReader().read()).value!], [1, 2, 3]);
    });
  }
}

test("a view that is read twice is refused the second time, and later reads lose nothing", async () => {
  await using pair = socketpair();
  const [left, right] = pair;
  const reader = right.readable.getReader({ mode: "byob" });
  const view = new Uint8Array(8);
  const waiting = reader.read(view);
  await assert.rejects(reader.read(view), TypeError);
  await left.write(new Uint8Array([1, 2]));
  assert.deepEqual([...(await waiting).value!], [1, 2]);
  const words = reader.read(new Uint32Array(2));
  await left.write(new Uint8Array([3, 4, 5, 6, 7]));
  assert.equal((await words).value!.length, 1);
  reader.releaseLock();
  assert.deepEqual([...(await right.readable.getReader().read()).value!], [7]);
});

test("a BYOB reader that was constructed loses nothing: elements, and reads behind one another", async () => {
  await using pair = socketpair();
  const [left, right] = pair;
  const reader = new ReadableStreamBYOBReader(right.readable);
  await left.write(Uint8Array.from({ length: 7 }, (_, index) => index + 1));
  assert.equal((await reader.read(new Uint32Array(2))).value!.length, 1);
  const refused = [new Uint8Array(9), new Uint8Array(9)].map((view) => assert.rejects(reader.read(view, { min: 9 })));
  reader.releaseLock();
  await Promise.all(refused);
  assert.deepEqual([...(await right.readable.getReader().read()).value!], [5, 6, 7]);
});

for (const released of [true, false]) {
  test(`close() with a part of an element in a BYOB read fails nothing but that read: released ${released}`, async () => {
    await using pair = socketpair();
    const [left, right] = pair;
    const reader = right.readable.getReader({ mode: "byob" });
    const reading = assert.rejects(reader.read(new Uint32Array(2)), TypeError);
    await delay(5);
    await left.write(new Uint8Array([1, 2, 3]));
    await until(() => !hasQueued(right), "its receipt");
    if (released) reader.releaseLock();
    await right.close();
    await right.closed;
    await reading;
  });
}

test("min is read once, as a number: a getter that throws rejects the read", async () => {
  await using pair = socketpair();
  const [left, right] = pair;
  const reader = right.readable.getReader({ mode: "byob" });
  const error = new Error("the getter's");
  const wrong = {
    get min(): number {
      throw error;
    },
  };
  await assert.rejects(reader.read(new Uint8Array(1), wrong), error);
  let asked = 0;
  const right2 = {
    get min(): number {
      asked += 1;
      return 2;
    },
  };
  const reading = reader.read(new Uint8Array(4), right2);
  await left.write(new Uint8Array([1]));
  await delay(5);
  await left.write(new Uint8Array([2]));
  assert.deepEqual([[...(await reading).value!], asked], [[1, 2], 1]);
});

test("a BYOB read that is refused changes nothing: no view, an empty one, more than it holds", async () => {
  await using pair = socketpair();
  const [left, right] = pair;
  const reader = right.readable.getReader({ mode: "byob" });
  const waiting = reader.read(new Uint8Array(4), { min: 4 });
  for (const [view, min] of [["text", 1], [new Uint8Array(0), 1], [new Uint32Array(2), 3], [new Uint8Array(2), 0]]) {
    await assert.rejects(reader.read(view as Uint8Array<ArrayBuffer>, { min: min as number }));
  }
  await left.write(new Uint8Array([1, 2, 3, 4, 5, 6, 7]));
  assert.deepEqual([...(await waiting).value!], [1, 2, 3, 4]);
  assert.deepEqual([...new Uint8Array((await reader.read(new DataView(new ArrayBuffer(2)))).value!.buffer)], [5, 6]);
  reader.releaseLock();
  assert.deepEqual([...(await right.readable.getReader().read()).value!], [7]);
});
