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

const GOING: Record<string, (end: SocketEnd, controller: AbortController) => unknown> = {
  "closed": (end) => end.close(),
  "disposed": (end) => end[Symbol.dispose](),
  "detached": (end) => close(end.detach().fd),
  "failed": (end) => end.close(new Error("enough")).catch(() => {}),
  "aborted": (end, controller) => (controller.abort(), end.closed.catch(() => {})),
};

for (const [how, go] of Object.entries(GOING)) {
  test(`a signal is let go of when all ends are ${how}: until then it has one listener for all`, async () => {
    const { controller, signal, listeners } = countedSignal();
    const ends = Array.from({ length: 3 }, () => socketpair({ signal })).flat();
    const reading = Array.from({ length: 3 }, () => ends[5]!.read(new Uint8Array(1), { signal }));
    for (const read of reading) read.catch(() => {});
    for (const end of ends) {
      if (how !== "aborted") assert.equal(listeners(), 1);
      await go(end, controller);
    }
    await Promise.allSettled(reading);
    assert.equal(listeners(), 0);
  });
}

test("a signal whose own reason throws, or whose listener is called at once, ends a read and an end all the same", async () => {
  for (const kind of ["throws", "at once"]) {
    const { signal } = new AbortController();
    const wrong = new Error("wrong");
    const target = new EventTarget();
    const lie: PropertyDescriptorMap & ThisType<AbortSignal> = kind === "throws"
      ? {
        reason: {
          get() {
            throw wrong;
          },
        },
      }
      : {
        reason: { value: wrong },
        addEventListener: {
          value(this: AbortSignal, _: string, listener: EventListener) {
            target.addEventListener("abort", listener);
            (listener as (this: AbortSignal) => void).call(this);
          },
        },
      };
    Object.defineProperties(signal, lie);
    await using pair = socketpair();
    const reading = assert.rejects(pair[0].read(new Uint8Array(1), { signal }), wrong);
    if (kind === "throws") signal.dispatchEvent(new Event("abort"));
    await reading;
    const [left, right] = socketpair({ signal });
    if (kind === "throws") signal.dispatchEvent(new Event("abort"));
    await Promise.all([left, right].map((end) => assert.rejects(end.closed, wrong)));
  }
});

test("an object that passes the methods of a signal on is one", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const relay = {
    get aborted() {
      return signal.aborted;
    },
    get reason() {
      return signal.reason;
    },
    throwIfAborted: () => signal.throwIfAborted(),
    addEventListener: (...given: Parameters<AbortSignal["addEventListener"]>) => signal.addEventListener(...given),
    removeEventListener: (...given: Parameters<AbortSignal["removeEventListener"]>) =>
      signal.removeEventListener(...given),
  } as unknown as AbortSignal;
  const reason = new Error("enough");
  const [left, right] = socketpair({ signal: relay });
  const reading = assert.rejects(left.read(new Uint8Array(1), { signal: relay }), reason);
  controller.abort(reason);
  await Promise.all([reading, ...[left, right].map((end) => assert.rejects(end.closed, reason))]);
});

test("a write whose chunk aborts its signal is rejected, also where it would have to wait", async () => {
  await using pair = socketpair({ sendBufferSize: 16_384 });
  const waiting = pair[0].write(new Uint8Array(1_000_000)).catch(() => {});
  const controller = new AbortController();
  const reason = new Error("enough");
  const chunk = Object.defineProperty([] as Uint8Array[], 0, {
    get: () => (controller.abort(reason), new Uint8Array(1)),
    enumerable: true,
  });
  await assert.rejects(pair[0].write(chunk, { signal: controller.signal }), reason);
  await pair[0].close(reason).catch(() => {});
  await waiting;
});
