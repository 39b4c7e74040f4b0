/** Python's socket module on the other end: records, and descriptors both ways. */

import type { ChildProcess } from "../../process/mod.ts";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AnyEnd, SocketEnd, socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { read } from "../../ffi/mod.ts";
import { assert, stdioOf, test, TYPES } from "../_support.ts";
import { endOf, missing } from "./_child.ts";
import { bytes, text } from "./_text.ts";

const skip = missing("python3");
const SCRIPT = fileURLToPath(new URL("./peer.py", import.meta.url));

function python(end: AnyEnd, ...args: string[]): ChildProcess {
  return spawn("python3", [SCRIPT, ...args], { stdio: stdioOf({ 3: end }) });
}

for (const type of TYPES) {
  test(`socket.recv_fds() in Python has the files that are sent: ${type}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
    const files = ["first", "second"].map((name) => {
      writeFileSync(join(folder, name), `${name} file`);
      return openSync(join(folder, name), "r");
    });
    const [ours, theirs] = socketpair({ type, chunks: "messages" });
    const ended = endOf(python(theirs, "receive fds", "2"));
    await ours.writable.getWriter().write({ data: bytes("two files"), descriptors: files });
    const { value } = await ours.readable.getReader().read();
    assert.equal(text(value!.data), "two files|0|first file|second file");
    assert.equal(await ended, 0);
    await ours.close();
    for (const file of files) closeSync(file);
    rmSync(folder, { recursive: true });
  }, { skip });

  test(`socket.send_fds() in Python: the pipes arrive, owned and readable: ${type}`, async () => {
    const [ours, theirs] = socketpair({ type, chunks: "messages" });
    const ended = endOf(python(theirs, "send fds", "1", "16", "100"));
    const reader = ours.readable.getReader();
    for (const count of [1, 16, 100]) {
      const { data, descriptors } = (await reader.read()).value!;
      assert.equal(text(data), `${count} pipes`);
      const contents = descriptors.map((descriptor) => {
        using owned = descriptor;
        const buffer = new Uint8Array(20);
        return text(buffer.subarray(0, read(owned.fd, buffer)));
      });
      assert.deepEqual(contents, Array.from({ length: count }, (_, number) => `pipe ${number}`));
    }
    assert.equal(await ended, 0);
    await ours.close();
  }, { skip });

  test(`socket.send_fds() in Python: a socket arrives and is an end: ${type}`, async () => {
    const [ours, theirs] = socketpair({ type, chunks: "messages" });
    const ended = endOf(python(theirs, "send socket"));
    const { data, descriptors } = (await ours.readable.getReader().read()).value!;
    const end = SocketEnd.from(descriptors[0]!);
    assert.deepEqual([text(data), end.type], ["a socket", "seqpacket"]);
    const writer = end.writable.getWriter();
    const reader = end.readable.getReader();
    for (const word of ["here", "and there"]) {
      await writer.write(bytes(word));
      assert.equal(text((await reader.read()).value), word.toUpperCase());
    }
    await writer.close();
    assert.equal((await reader.read()).done, true);
    assert.equal(await ended, 0);
    await ours.close();
  }, { skip });
}

for (const type of ["dgram", "seqpacket"] as const) {
  test(`socket.send() in Python: every record arrives whole, the empty one too: ${type}`, async () => {
    const [ours, theirs] = socketpair({ type });
    const ended = endOf(python(theirs, "boundaries"));
    const reader = ours.readable.getReader();
    for (const size of [1, 0, 100, 65536, 200_000, 3]) {
      assert.deepEqual((await reader.read()).value, new Uint8Array(size).fill(size % 256));
    }
    assert.equal(await ended, 0);
    await ours.close();
  }, { skip });

  test(`socket.recvmsg() in Python has every record whole, and sends it back: ${type}`, async () => {
    const [ours, theirs] = socketpair({ type });
    const ended = endOf(python(theirs, "echo"));
    const writer = ours.writable.getWriter();
    const reader = ours.readable.getReader();
    for (const size of [1, 4096, 4097, 100_000, 200_000, 0]) {
      const record = new Uint8Array(size).map((_, index) => index);
      await writer.write(record);
      assert.deepEqual((await reader.read()).value, record);
    }
    assert.equal(await ended, 0);
    await ours.close();
  }, { skip });
}

test("socket.recv_fds() in Python with too little room: the kernel frees what does not fit", async () => {
  const [ours, theirs] = socketpair({ type: "seqpacket", chunks: "messages" });
  const pipes = Array.from({ length: 20 }, () => socketpair());
  const ended = endOf(python(theirs, "receive fds", "0"));
  const sent = pipes.map(([, end]) => end);
  await ours.writable.getWriter().write({ data: bytes("many"), descriptors: sent });
  const { value } = await ours.readable.getReader().read();
  assert.equal(text(value!.data), "many|8");
  assert.equal(await ended, 0);
  for (const [mine] of pipes) {
    assert.equal((await mine.readable.getReader().read()).done, true);
    await mine.close();
  }
  await ours.close();
}, { skip });
