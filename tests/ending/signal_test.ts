import { SocketEnd, socketpair } from "../../mod.ts";
import { AF_UNIX, close, SOCK_STREAM, socketpair as rawPair } from "../../ffi/mod.ts";
import { watched } from "../_epoll.ts";
import { assert, delay, test, TYPES } from "../_support.ts";

/** A signal that counts its listeners. */
function countedSignal(): { controller: AbortController; signal: AbortSignal; listeners(): number } {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...given: Parameters<AbortSignal["addEventListener"]>) => {
    listeners += 1;
    addEventListener.apply(signal, given);
  };
  signal.removeEventListener = (...given: Parameters<AbortSignal["removeEventListener"]>) => {
    listeners -= 1;
    removeEventListener.apply(signal, given);
  };
  return { controller, signal, listeners: () => listeners };
}

test("socketpair() with a signal that is aborted throws its reason and opens nothing", () => {
  const reason = new Error("not at all");
  assert.throws(() => socketpair({ signal: AbortSignal.abort(reason) }), reason);
  assert.throws(() => socketpair({ signal: AbortSignal.abort() }), { name: "AbortError" });
});

test("SocketEnd.from() with a signal that is aborted throws and leaves the descriptor to the caller", () => {
  const descriptors = rawPair(AF_UNIX, SOCK_STREAM, 0);
  assert.throws(() => SocketEnd.from(descriptors[0], { signal: AbortSignal.abort() }), { name: "AbortError" });
  for (const fd of descriptors) close(fd);
});

for (const type of TYPES) {
  test(`${type}: a signal that is aborted later fails everything with its reason and closes both ends`, async () => {
    const controller = new AbortController();
    const [left, right] = socketpair({ type, signal: controller.signal, sendBufferSize: 16_384 });
    const reader = left.readable.getReader();
    const writer = left.writable.getWriter();
    const writes = Array.from({ length: 20 }, () => writer.write(new Uint8Array(30_000)));
    for (const write of writes) write.catch(() => {});
    const results = Promise.allSettled([reader.read(), writes.at(-1), left.closed, right.closed]);
    await watched(left, "write");
    const reason = new Error("enough");
    controller.abort(reason);
    assert.deepEqual([left.fd, right.fd], [-1, -1]);
    for (const result of await results) assert.equal(result.status === "rejected" && result.reason, reason);
    await assert.rejects(right.readable.getReader().read(), reason);
    await assert.rejects(right.writable.getWriter().write(new Uint8Array(1)), reason);
  });
}

test("a signal without a reason fails the streams with an AbortError", async () => {
  const controller = new AbortController();
  const [left, right] = socketpair({ signal: controller.signal });
  controller.abort();
  await assert.rejects(left.closed, { name: "AbortError" });
  await assert.rejects(right.readable.getReader().read(), { name: "AbortError" });
  await assert.rejects(left.writable.getWriter().write(new Uint8Array(1)), { name: "AbortError" });
});

test("a signal that is aborted with null fails the streams all the same", async () => {
  const controller = new AbortController();
  const [left, right] = socketpair({ signal: controller.signal });
  controller.abort(null);
  await assert.rejects(left.closed);
  assert.deepEqual([left.fd, right.fd], [-1, -1]);
});

test("a signal that is aborted while close() waits for room ends the wait", async () => {
  const controller = new AbortController();
  await using pair = socketpair({ signal: controller.signal, sendBufferSize: 16_384 });
  const writing = pair[0].writable.getWriter().write(new Uint8Array(1_000_000));
  const failing = assert.rejects(writing, { name: "AbortError" });
  const closing = assert.rejects(pair[0].close(), { name: "AbortError" });
  await delay(5);
  controller.abort();
  await Promise.all([failing, closing]);
  assert.equal(pair[0].fd, -1);
});

test("a signal that is aborted after the end was closed does nothing", async () => {
  const controller = new AbortController();
  const [left, right] = socketpair({ signal: controller.signal });
  await Promise.all([left.close(), right.close()]);
  controller.abort();
  assert.equal(await left.closed, undefined);
});

test("a signal is let go of when the end is closed, disposed, detached, failed or aborted", async () => {
  const { controller, signal, listeners } = countedSignal();
  const ends = Array.from({ length: 3 }, () => socketpair({ signal })).flat();
  assert.equal(listeners(), 6);
  await ends[0]!.close();
  assert.equal(listeners(), 5);
  ends[1]![Symbol.dispose]();
  assert.equal(listeners(), 4);
  close(ends[2]!.detach().fd);
  assert.equal(listeners(), 3);
  await ends[3]!.close(new Error("enough")).catch(() => {});
  assert.equal(listeners(), 2);
  controller.abort();
  await Promise.allSettled([ends[4]!.closed, ends[5]!.closed]);
  assert.equal(listeners(), 0);
});
