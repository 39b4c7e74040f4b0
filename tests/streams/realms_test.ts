/** Values of other realms (as of Jest, or an iframe) are what they are. */

import { socketpair, type SocketPairOptions } from "../../mod.ts";
import { createContext, runInContext } from "node:vm";
import { assert, test, TYPES } from "../_support.ts";

const realm = createContext({});

/** A value that was made in another realm. */
function foreign<Value>(code: string): Value {
  return runInContext(`(${code})`, realm) as Value;
}

test("the other realm is one: its classes are not ours", () => {
  assert.equal(foreign<object>("new Uint8Array(1)") instanceof Uint8Array, false);
  assert.equal(foreign<object>("[]") instanceof Array, false);
});

const CHUNKS: [code: string, bytes: number[]][] = [
  ["new Uint8Array([1, 2, 3])", [1, 2, 3]],
  ["new Uint8Array([1, 2, 3]).subarray(1)", [2, 3]],
  ["new Uint8Array([4, 5]).buffer", [4, 5]],
  ["new DataView(new Uint8Array([6, 7, 8]).buffer, 1)", [7, 8]],
  ["new Uint16Array([1])", [1, 0]],
  ["new SharedArrayBuffer(2)", [0, 0]],
  ["[new Uint8Array([1]), new Uint8Array([2, 3]).buffer]", [1, 2, 3]],
];

for (const type of TYPES) {
  for (const [code, bytes] of CHUNKS) {
    test(`${type}: what is written may be of another realm: ${code}`, async () => {
      await using pair = socketpair({ type });
      const buffer = new Uint8Array(10);
      assert.equal(await pair[0].write(foreign(code)), bytes.length);
      assert.deepEqual([...buffer.subarray(0, (await pair[1].read(buffer))!)], bytes);
      await pair[0].writable.getWriter().write(foreign(code));
      assert.deepEqual([...buffer.subarray(0, (await pair[1].read(buffer))!)], bytes);
    });
  }

  test(`${type}: read() fills memory of another realm`, async () => {
    await using pair = socketpair({ type });
    for (const code of ["new Uint8Array(4)", "new ArrayBuffer(4)", "new DataView(new ArrayBuffer(4))"]) {
      const target = foreign<ArrayBuffer | ArrayBufferView<ArrayBuffer>>(code);
      await pair[0].write(new Uint8Array([7, 8]));
      assert.equal(await pair[1].read(target), 2);
      assert.deepEqual([...new Uint8Array("buffer" in target ? target.buffer : target)], [7, 8, 0, 0]);
    }
  });

  test(`${type}: options may be of another realm`, async () => {
    await using pair = socketpair(foreign<SocketPairOptions>(`{ type: "${type}", busyPoll: 0 }`));
    assert.equal(pair[0].type, type);
  });
}

test("a BYOB reader's view may be of another realm", async () => {
  await using pair = socketpair();
  await pair[0].write(new Uint8Array([1, 2]));
  const reader = pair[1].readable.getReader({ mode: "byob" });
  const { value } = await reader.read(foreign<Uint8Array<ArrayBuffer>>("new Uint8Array(4)"));
  assert.deepEqual([...value!], [1, 2]);
});

test("a batch may be of another realm, its records too", async () => {
  await using pair = socketpair({ type: "seqpacket", chunks: "batches" });
  await pair[0].writable.getWriter().write(
    foreign("[new Uint8Array([1]), new ArrayBuffer(0), new Uint8Array([2, 3])]"),
  );
  const { value } = await pair[1].readable.getReader().read();
  assert.deepEqual(value!.map((record) => [...record]), [[1], [], [2, 3]]);
});

test("a message may be of another realm, its list of descriptors too", async () => {
  await using pair = socketpair({ type: "seqpacket", chunks: "messages" });
  await pair[0].writable.getWriter().write(foreign("{ data: new Uint8Array([1]), descriptors: [0] }"));
  const { data, descriptors } = (await pair[1].readable.getReader().read()).value!;
  assert.deepEqual([[...data], descriptors.length], [[1], 1]);
  for (const descriptor of descriptors) descriptor.close();
});

test("an array of another realm that holds no bytes is refused", async () => {
  await using pair = socketpair();
  await assert.rejects(pair[0].write(foreign("[1, 2]")), {
    name: "TypeError",
    message: /^Cannot write a value of type/,
  });
});
