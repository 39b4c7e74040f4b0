/** Two programs joined both ways, and pipelines that are refused: nothing is started, nothing is left open. */

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { socketpair } from "../../mod.ts";
import { type Command, duplex, type Pipeline, pipeline } from "../../process/mod.ts";
import { assert, delay, test } from "../_support.ts";
import "../children/_warm_up.ts";
import { outcomes, sh } from "../peers/_pipeline.ts";
import { socketCount } from "../peers/_sockets.ts";
import { bytes, textOf } from "../peers/_text.ts";

test("duplex() joins two programs both ways", async () => {
  const asks = sh('echo 21; read -r answer; exit "$answer"');
  const answers = sh('read -r number; echo "$((number * 2))"; exit 1');
  assert.deepEqual(await outcomes(duplex(asks, answers)), [42, 1]);
});

test("duplex() carries large data both ways at once", async () => {
  const each = sh('(head -c 8000000 /dev/zero; exec >&-) & test "$(head -c 8000000 | wc -c)" -eq 8000000');
  assert.deepEqual(await outcomes(duplex(each, each)), [0, 0]);
});

test("duplex() with a program that cannot be started ends the other", async () => {
  assert.deepEqual(await outcomes(duplex(["/does/not/exist"], ["cat"])), ["ENOENT", 0]);
  assert.deepEqual(await outcomes(duplex(["cat"], ["/does/not/exist"])), [0, "ENOENT"]);
});

test("pipeline() with one end as its input and its output works, or is refused and leaves the end as it was", async () => {
  const [ours, theirs] = socketpair();
  let joined: Pipeline;
  try {
    joined = pipeline(["tr", "a-z", "A-Z"], ["sort"], { stdin: theirs, stdout: theirs });
  } catch (error) {
    const { fd } = theirs;
    await Promise.all([ours.close(), theirs.close()]);
    assert.ok(error instanceof TypeError);
    return assert.notEqual(fd, -1);
  }
  const writer = ours.writable.getWriter();
  await writer.write(bytes("b\na\n"));
  await writer.close();
  assert.equal(await textOf(ours.readable), "A\nB\n");
  assert.deepEqual(await outcomes(joined), [0, 0]);
});

test("pipeline() without a program is refused", () => {
  const message = "Cannot start a pipeline: it has no program";
  assert.throws(() => pipeline(), { name: "TypeError", message });
  assert.throws(() => pipeline({}), { name: "TypeError", message });
});

for (const where of ["stdin", "stdout"] as const) {
  test(`pipeline() with a closed end as ${where} is refused: nothing is started, nothing left open`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
    const pair = socketpair();
    await Promise.all(pair.map((end) => end.close()));
    const before = socketCount();
    const touch: Command = ["touch", join(folder, "started")];
    assert.throws(() => pipeline(touch, ["true"], ["true"], { [where]: pair[0] }), TypeError);
    assert.equal(socketCount(), before);
    await delay(100);
    assert.deepEqual(readdirSync(folder), []);
    rmSync(folder, { recursive: true });
  });
}

for (const command of ["", "a\0b"]) {
  test(`pipeline() with ${JSON.stringify(command)}, which names no program, leaves nothing open`, async () => {
    const before = socketCount();
    try {
      // Either it throws as spawn() does, or it says so in the status.
      const ends = await outcomes(pipeline(["true"], [command], ["cat"]));
      assert.deepEqual([ends[0], ends[2]], [0, 0]);
    } catch (error) {
      assert.ok(error instanceof TypeError, String(error));
    }
    assert.equal(socketCount(), before);
  });
}
