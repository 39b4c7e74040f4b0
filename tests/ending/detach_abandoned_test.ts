import { type SocketEnd, socketpair } from "../../mod.ts";
import { readOn } from "../_read_on.ts";
import { assert, delay, test, TYPES } from "../_support.ts";

/** A read that waits, as after a timeout, and whose reader then lets go. */
async function abandonedRead(end: SocketEnd, mode: "default" | "byob", size = 1): Promise<void> {
  const reader = mode === "byob" ? end.readable.getReader({ mode }) : end.readable.getReader();
  const read = assert.rejects(reader.read(new Uint8Array(size)), TypeError);
  await delay(5);
  reader.releaseLock();
  await read;
}

for (const type of TYPES) {
  test(`${type}: detach() gives back what came while a reader held the lock and had not asked`, async () => {
    await using pair = socketpair({ type });
    await abandonedRead(pair[1], "default");
    pair[1].readable.getReader();
    await pair[0].writable.getWriter().write(new Uint8Array([1, 2, 3]));
    await delay(5);
    assert.deepEqual([...await readOn(pair[1].detach(), 3)], [1, 2, 3]);
  });

  test(`${type}: an abandoned read loses nothing to the next reader`, async () => {
    await using pair = socketpair({ type });
    await abandonedRead(pair[1], "default");
    const reader = pair[1].readable.getReader();
    await pair[0].writable.getWriter().write(new Uint8Array([1, 2, 3]));
    await delay(5);
    assert.deepEqual((await reader.read()).value, new Uint8Array([1, 2, 3]));
  });
}

test("stream: detach() gives back what a reader left over of what came before it asked", async () => {
  await using pair = socketpair();
  await abandonedRead(pair[1], "default");
  const reader = pair[1].readable.getReader({ mode: "byob" });
  await pair[0].writable.getWriter().write(new Uint8Array([1, 2, 3]));
  await delay(5);
  assert.deepEqual((await reader.read(new Uint8Array(1))).value, new Uint8Array([1]));
  assert.deepEqual([...await readOn(pair[1].detach(), 2)], [2, 3]);
});
