/** How an end is shown. */

import { socketpair } from "@socketpair/streams";
import { inspect } from "node:util";
import { assert, test, TYPES } from "../_support.ts";
import { numberOf } from "../_waiting.ts";

/** What this runtime's own console shows of a value. */
const shown: (value: unknown) => string = (() => {
  const { Deno, Bun } = globalThis as unknown as Record<string, { inspect: typeof inspect } | undefined>;
  return (Deno ?? Bun)?.inspect ?? inspect;
})();

for (const type of TYPES) {
  test(`${type}: an end shows its type, its descriptor, its state and what its chunks are`, async () => {
    await using pair = socketpair({ type });
    const chunks = type === "stream" ? "bytes" : "records";
    const { fd } = pair[0];
    assert.equal(shown(pair[0]), `SocketEnd { type: "${type}", fd: ${fd}, state: "open", chunks: "${chunks}" }`);
    assert.equal(inspect(pair[0]), shown(pair[0]));
    await pair[0].closeWrite();
    assert.match(shown(pair[0]), new RegExp(`fd: ${fd}, state: "half-closed"`));
    await pair[0].close();
    assert.match(shown(pair[0]), /fd: -1, state: "closed"/);
  });
}

test("an end shows that it is shared, and the kinds of its chunks", () => {
  using framed = socketpair({ framing: "uint16be" });
  using other = framed[0].duplicate();
  assert.match(
    shown(other),
    /^SocketEnd \{ type: "stream", fd: \d+, state: "open", chunks: "records", shared: true \}$/,
  );
  using batches = socketpair({ type: "dgram", chunks: "batches" });
  assert.match(shown(batches[0]), /chunks: "batches"/);
  using messages = socketpair({ chunks: "messages" });
  assert.match(shown(messages[0]), /chunks: "messages"/);
});

test("an end is called SocketEnd by Object.prototype.toString", () => {
  using pair = socketpair();
  assert.equal(Object.prototype.toString.call(pair[0]), "[object SocketEnd]");
  assert.equal(`${pair[0]}`, "[object SocketEnd]");
});

test("showing an end does not tell its number: its close() resets no peer", async () => {
  await using pair = socketpair();
  await pair[0].write(new Uint8Array(1));
  assert.match(shown(pair[1]), new RegExp(`fd: ${numberOf(pair[1])},`));
  await pair[1].close();
  assert.equal(await pair[0].read(new Uint8Array(1)), null);
  await pair[0].closed;
});
