/** A reader that has let go while its read was under way: what arrives for it is the next reader's. */

import { CONSTANTS } from "../../ffi/systems/linux.ts";
import { TYPES } from "../_support.ts";
import { assert, fakeTest, foreign, later, turns, value } from "./_support.ts";

const BYTES = new Uint8Array([1, 2, 3]);

/** A reader that asks for something, and lets go when that waits. */
async function letGo(reader: ReadableStreamDefaultReader | ReadableStreamBYOBReader): Promise<void> {
  later(reader.read(new Uint8Array(10)));
  await turns();
  reader.releaseLock();
}

for (const type of TYPES) {
  fakeTest(`read() on ${type} gets what arrives after the reader before has let go`, async (fake) => {
    const { end, peer } = foreign(fake, type);
    await letGo(end.readable.getReader());
    const read = end.readable.getReader().read();
    peer.send(BYTES);
    assert.deepEqual((await value(read)).value, BYTES);
    await value(end.close());
  });
}

fakeTest("read() gets what arrives after a reader of views has let go", async (fake) => {
  const { end, peer } = foreign(fake);
  await letGo(end.readable.getReader({ mode: "byob" }));
  const read = end.readable.getReader().read();
  peer.send(BYTES);
  assert.deepEqual((await value(read)).value, BYTES);
  await value(end.close());
});

fakeTest("read() ends although a reader of views has let go and something has arrived since", async (fake) => {
  const { end, peer } = foreign(fake);
  await letGo(end.readable.getReader({ mode: "byob" }));
  const reader = end.readable.getReader();
  const reads = [reader.read(), reader.read()];
  peer.send(BYTES);
  await turns();
  peer.shutdown(CONSTANTS.SHUT_WR);
  assert.deepEqual((await value(reads[0]!)).value, BYTES);
  assert.equal((await value(reads[1]!)).done, true);
  end[Symbol.dispose]();
});

fakeTest("read(view) gets what arrives after a reader of views has let go", async (fake) => {
  const { end, peer } = foreign(fake);
  await letGo(end.readable.getReader({ mode: "byob" }));
  const read = end.readable.getReader({ mode: "byob" }).read(new Uint8Array(5));
  peer.send(BYTES);
  assert.deepEqual((await value(read)).value, BYTES);
  await value(end.close());
});

for (const mode of ["byob", undefined] as const) {
  fakeTest(`detach() gives back what arrived after a reader has let go (mode ${mode})`, async (fake) => {
    const { end, own, peer } = foreign(fake);
    const reader = end.readable.getReader(mode === undefined ? {} : { mode } as never);
    later(reader.read(new Uint8Array(10) as never));
    await turns();
    reader.releaseLock();
    peer.send(BYTES);
    await turns();
    const { fd, unread } = end.detach();
    const left = own.receive();
    const bytes = [
      ...(unread as Uint8Array[]).flatMap((part) => [...part]),
      ...typeof left === "number" ? [] : left.bytes,
    ];
    assert.deepEqual(bytes, [...BYTES]);
    assert.equal(fake.calls.close(fd), 0);
  });
}
