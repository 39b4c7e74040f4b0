/** A small program in C on the other end, compiled here: records, and SCM_RIGHTS both ways. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { read } from "../../ffi/mod.ts";
import { assert, CONNECTED, stdioOf, test, TYPES } from "../_support.ts";
import { endOf, missing } from "./_child.ts";
import { bytes, text } from "./_text.ts";

const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
after(() => rmSync(folder, { recursive: true }));
const program = join(folder, "rights");
const skip = missing("cc") || compile();

function compile(): string | false {
  const source = fileURLToPath(new URL("./rights.c", import.meta.url));
  const { status, stderr } = spawnSync("cc", ["-Wall", "-Wextra", "-O1", "-o", program, source], { encoding: "utf8" });
  if (stderr.includes("fatal error")) return "the C library's headers are not installed";
  assert.deepEqual([status, stderr], [0, ""]);
  return false;
}

for (const type of CONNECTED) {
  test(`recvmsg() in C has the descriptors that are sent, and can write to them: ${type}`, async () => {
    const [ours, theirs] = socketpair({ type, chunks: "messages" });
    const ended = endOf(spawn(program, ["receive"], { stdio: stdioOf({ 3: theirs }) }));
    const writer = ours.writable.getWriter();
    const reader = ours.readable.getReader();
    for (const count of [0, 1, 16, 253]) {
      const pairs = Array.from({ length: count }, () => socketpair());
      await writer.write({ data: bytes("some data"), descriptors: pairs.map(([, end]) => end) });
      assert.equal(text((await reader.read()).value!.data), `9 bytes, ${count} descriptors, flags 0`);
      for (const [mine] of pairs) {
        const answer = mine.readable.getReader();
        assert.equal(text((await answer.read()).value), "written in C");
        assert.equal((await answer.read()).done, true);
        await mine.close();
      }
    }
    await writer.close();
    assert.equal((await reader.read()).done, true);
    assert.equal(await ended, 0);
  }, { skip });
}

for (const type of TYPES) {
  for (const count of [1, 100, 253]) {
    test(`sendmsg() in C with ${count} pipes: all arrive, in order: ${type}`, async () => {
      const [ours, theirs] = socketpair({ type, chunks: "messages" });
      const ended = endOf(spawn(program, ["send", `${count}`], { stdio: stdioOf({ 3: theirs }) }));
      const { data, descriptors } = (await ours.readable.getReader().read()).value!;
      const numbers = descriptors.map((descriptor) => {
        using owned = descriptor;
        const buffer = new Uint8Array(20);
        return Number(text(buffer.subarray(0, read(owned.fd, buffer))));
      });
      assert.deepEqual([text(data), numbers], ["pipes", Array.from({ length: count }, (_, number) => number)]);
      assert.equal(await ended, 0);
      await ours.close();
    }, { skip });
  }
}

test("recv() in C blocks, has every record whole and sends it back, the empty one too", async () => {
  const [ours, theirs] = socketpair({ type: "seqpacket" });
  const ended = endOf(spawn(program, ["echo"], { stdio: stdioOf({ 3: theirs }) }));
  const writer = ours.writable.getWriter();
  const reader = ours.readable.getReader();
  for (let number = 0; number < 500; number += 1) {
    const record = new Uint8Array((number * 7919) % 20_000).fill(number);
    await writer.write(record);
    assert.deepEqual((await reader.read()).value, record);
  }
  await ours.close();
  assert.equal(await ended, 0);
}, { skip });
