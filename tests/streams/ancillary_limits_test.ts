/** How many descriptors fit in one message, and what happens to those that this process cannot open. */

import { socketpair } from "../../mod.ts";
import { assert, commandFor, run, test, TYPES } from "../_support.ts";
import { openFile } from "../peers/_sockets.ts";

for (const type of TYPES) {
  for (const count of [1, 16, 253]) {
    test(`writable sends ${count} descriptors in one message, and readable gives them in order: ${type}`, async () => {
      await using pair = socketpair({ type, chunks: "messages" });
      await using marks = socketpair();
      const descriptors = Array.from({ length: count }, (_, index) => marks[index % 2]!.fd);
      const files = descriptors.map((fd) => openFile(fd));
      await pair[0].writable.getWriter().write({ data: new Uint8Array([1]), descriptors });
      const { data, descriptors: received } = (await pair[1].readable.getReader().read()).value!;
      assert.deepEqual([data.length, received.map(({ fd }) => openFile(fd))], [1, files]);
      assert.equal(new Set(received.map(({ fd }) => fd)).size, count);
      for (const descriptor of received) descriptor.close();
    });
  }

  test(`writable refuses 254 descriptors in one message, and sends none: ${type}`, async () => {
    await using pair = socketpair({ type, chunks: "messages" });
    const [mine, theirs] = socketpair();
    const descriptors = [theirs, ...Array<number>(253).fill(0)];
    await assert.rejects(pair[0].writable.getWriter().write({ data: new Uint8Array([1]), descriptors }), {
      name: "RangeError",
      message: "Cannot send 254 descriptors in one record: at most 253 are allowed",
    });
    await theirs.close();
    assert.equal((await mine.readable.getReader().read()).done, true);
    await mine.close();
  });

  for (const free of [0, 1, 9]) {
    test(`readable tells that descriptors were lost when ${free} of 10 can be opened, and goes on: ${type}`, async () => {
      const limit = 100;
      const [program, args] = commandFor("tests/peers/few_descriptors.ts");
      const script = `ulimit -n ${limit}; exec "$0" "$@"`;
      const outcome = await run("sh", ["-c", script, program, ...args, `${limit}`, `${free}`, type]);
      assert.equal(outcome.code, 0, outcome.stderr);
      assert.deepEqual(JSON.parse(outcome.stdout), [{ byte: 1, descriptors: free, lost: true }, {
        byte: 2,
        descriptors: 0,
      }]);
    });
  }
}

test("readable gives 1000 messages of 16 descriptors each", async () => {
  await using pair = socketpair({ type: "seqpacket", chunks: "messages" });
  const writer = pair[0].writable.getWriter();
  const writing = (async () => {
    for (let number = 0; number < 1000; number += 1) {
      await writer.write({ data: new Uint8Array([number]), descriptors: Array(16).fill(0) });
    }
    await writer.close();
  })();
  let total = 0;
  for await (const { data, descriptors } of pair[1].readable) {
    assert.equal(data[0], (total / 16) & 255);
    total += descriptors.length;
    for (const descriptor of descriptors) descriptor.close();
  }
  await writing;
  assert.equal(total, 16_000);
});
