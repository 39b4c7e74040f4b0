/** Whose lines the stack of a failed call shows, at the runtime's own limit of frames. */

import { SocketEnd, socketpair } from "../../mod.ts";
import { SocketError } from "../../ffi/mod.ts";
import { assert, CONNECTED, runScript, test } from "../_support.ts";

const ONE = new Uint8Array([1]);

type Writer = WritableStreamDefaultWriter<Uint8Array>;

async function earlierCaller(writer: Writer): Promise<void> {
  await writer.write(ONE);
}

async function theCaller(act: () => Promise<unknown>): Promise<void> {
  await act();
}

/** The stack of an error that a function of this file must get. */
async function stackOf(calling: Promise<unknown>): Promise<string> {
  const error = await calling.then(() => assert.fail("nothing has failed"), (reason: unknown) => reason);
  assert.ok(error instanceof SocketError);
  const [first = ""] = error.stack!.split("\n");
  assert.equal(first, `SocketError: ${error.message}`);
  return error.stack!;
}

for (const type of CONNECTED) {
  test(`${type}: the stack of a first write names its caller`, async () => {
    const [left, right] = socketpair({ type });
    await right.close();
    const stack = await stackOf(theCaller(() => left.writable.getWriter().write(ONE)));
    assert.match(stack, /theCaller/);
    assert.match(stack, /stack_test/);
    await left.close().catch(() => {});
  });

  test(`${type}: the stack of a later write names its caller, and not that of the first write`, async () => {
    const [left, right] = socketpair({ type });
    const writer = left.writable.getWriter();
    await earlierCaller(writer);
    await right.read(new Uint8Array(1));
    await right.close();
    const stack = await stackOf(theCaller(() => writer.write(ONE)));
    assert.match(stack, /theCaller/);
    assert.doesNotMatch(stack, /earlierCaller/);
    await left.close().catch(() => {});
  });

  test(`${type}: the stack of write() names its caller`, async () => {
    const [left, right] = socketpair({ type });
    await right.close();
    assert.match(await stackOf(theCaller(() => left.write(ONE))), /theCaller/);
    await left.close().catch(() => {});
  });
}

test("the stack of SocketEnd.from() names its caller", async () => {
  assert.match(await stackOf(theCaller(() => Promise.resolve(SocketEnd.from(1_000_000)))), /theCaller/);
});

test("a failed call is a SocketError where Error and its prototype are frozen", async () => {
  const { code, stdout, stderr } = await runScript("tests/children/frozen_error.ts");
  const lines = ["stream", "seqpacket"].flatMap((type) => [
    `${type}, write(): EPIPE`,
    `${type}, a writer: EPIPE`,
    `${type}, a raw call: EBADF`,
  ]);
  assert.deepEqual(stdout.trim().split("\n"), lines, stderr);
  assert.equal(code, 0);
});
