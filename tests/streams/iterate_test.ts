import { socketpair } from "../../mod.ts";
import { assert, CONNECTED, test } from "../_support.ts";

for (const type of CONNECTED) {
  test(`${type}: for await reads to the end`, async () => {
    await using pair = socketpair({ type });
    const writer = pair[0].writable.getWriter();
    const writing = Promise.all([1, 2, 3].map((n) => writer.write(new Uint8Array([n])))).then(() => writer.close());
    const received: number[] = [];
    for await (const chunk of pair[1].readable) received.push(...chunk);
    assert.deepEqual(received, [1, 2, 3]);
    await writing;
  });

  test(`${type}: break out of for await refuses what the peer writes`, async () => {
    await using pair = socketpair({ type });
    const writer = pair[0].writable.getWriter();
    await writer.write(new Uint8Array([1]));
    for await (const _ of pair[1].readable) break;
    await assert.rejects(writer.write(new Uint8Array([2])), { code: "EPIPE" });
  });

  test(`${type}: a throw out of for await refuses what the peer writes`, async () => {
    await using pair = socketpair({ type });
    const writer = pair[0].writable.getWriter();
    await writer.write(new Uint8Array([1]));
    const failure = new Error("enough");
    await assert.rejects(async () => {
      for await (const _ of pair[1].readable) throw failure;
    }, failure);
    await assert.rejects(writer.write(new Uint8Array([2])), { code: "EPIPE" });
  });

  test(`${type}: break with preventCancel leaves the rest to be read`, async () => {
    await using pair = socketpair({ type });
    const writer = pair[0].writable.getWriter();
    await writer.write(new Uint8Array([1]));
    for await (const chunk of pair[1].readable.values({ preventCancel: true })) {
      assert.deepEqual(chunk, new Uint8Array([1]));
      break;
    }
    await writer.write(new Uint8Array([2]));
    assert.deepEqual((await pair[1].readable.getReader().read()).value, new Uint8Array([2]));
  });

  test(`${type}: for await that waits ends by close() of its own end`, async () => {
    await using pair = socketpair({ type });
    const reading = Array.fromAsync(pair[1].readable);
    await pair[0].writable.getWriter().write(new Uint8Array([1]));
    await pair[1].close();
    assert.ok((await reading).length <= 1);
  });
}
