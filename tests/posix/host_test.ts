import { immediate, now, uninitialized } from "../../ffi/host.ts";
import { denoHost } from "../../ffi/runtimes/_deno_host.ts";
import { assert, runtime, test } from "../_support.ts";
import { endsWell, start } from "../children/_start.ts";

test("immediate() calls back in a later turn, also where setImmediate is a fake", async () => {
  const real = globalThis.setImmediate;
  const order: string[] = [];
  try {
    globalThis.setImmediate = (() => assert.fail("the fake is called")) as unknown as typeof real;
    const called = new Promise<void>((resolve) => immediate(resolve)).then(() => order.push("later"));
    order.push("now");
    await Promise.resolve().then(() => order.push("microtask"));
    await called;
  } finally {
    globalThis.setImmediate = real;
  }
  assert.deepEqual(order, ["now", "microtask", "later"]);
});

test("now() goes on where performance.now() stands still", () => {
  const real = performance.now;
  try {
    performance.now = () => 0;
    const before = now();
    for (let tries = 0; now() === before; tries += 1) assert.ok(tries < 1e7, "the clock stands still");
    assert.ok(now() > before);
  } finally {
    performance.now = real;
  }
});

test("uninitialized() gives bytes in a buffer of their own", () => {
  const [one, other] = [uninitialized(100), uninitialized(100)];
  assert.deepEqual([one.byteLength, one.byteOffset, one.buffer.byteLength], [100, 0, 100]);
  assert.equal(Object.getPrototypeOf(one), Uint8Array.prototype);
  assert.notEqual(one.buffer, other.buffer);
});

test("immediate() asks for setImmediate, which takes long to load, only when many turns were waited for", async () => {
  const { stdout } = await endsWell(start("first_turns.ts"));
  const waits = Number(stdout);
  assert.ok(waits > 20 && waits < 1000, `it has asked after ${waits} waits`);
}, { skip: runtime !== "deno" && "about a getter that only Deno has" });

test("turn() calls back although the C library is not open yet", async () => {
  await new Promise<void>((resolve) => denoHost(() => undefined).turn(resolve));
}, { skip: runtime !== "deno" && "about what only Deno does" });
