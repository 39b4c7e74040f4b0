/** socat(1) on a descriptor that it inherits (FD:), or as its standard input and output. */

import { createServer, type Socket } from "node:net";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { assert, stdioOf, test } from "../_support.ts";
import { endOf, missing } from "./_child.ts";
import { ask, bytes, text, textOf } from "./_text.ts";

const skip = missing("socat");

test("socat FD:3 EXEC: joins an end and a program", async () => {
  const [ours, theirs] = socketpair();
  const ended = endOf(spawn("socat", ["-t5", "FD:3", "EXEC:tr a-z A-Z"], { stdio: stdioOf({ 3: theirs }) }));
  assert.equal(await ask(ours, "a line\n".repeat(20_000)), "A LINE\n".repeat(20_000));
  assert.equal(await ended, 0);
}, { skip });

test("socat FD:3 FD:4 joins two ends both ways", async () => {
  const [left, theirLeft] = socketpair();
  const [right, theirRight] = socketpair();
  const ends = { 3: theirLeft, 4: theirRight };
  const ended = endOf(spawn("socat", ["-t5", "FD:3,shut-down", "FD:4,shut-down"], { stdio: stdioOf(ends) }));
  for (const [from, to, words] of [[left, right, "to the right"], [right, left, "to the left"]] as const) {
    const writer = from.writable.getWriter();
    await writer.write(bytes(words));
    await writer.close();
    assert.equal(await textOf(to.readable), words);
  }
  assert.equal(await ended, 0);
}, { skip });

test("socat FD:3 keeps the records of a seqpacket end", async () => {
  const [ours, theirs] = socketpair({ type: "seqpacket" });
  const ended = endOf(spawn("socat", ["-b65536", "-t5", "FD:3", "EXEC:cat"], { stdio: stdioOf({ 3: theirs }) }));
  const writer = ours.writable.getWriter();
  const reader = ours.readable.getReader();
  for (const record of ["one", "two", "a third, longer one"]) {
    await writer.write(bytes(record));
    assert.equal(text((await reader.read()).value), record);
  }
  await writer.close();
  assert.equal((await reader.read()).done, true);
  assert.equal(await ended, 0);
}, { skip });

test("socat as standard input and output joins an end and a Unix server", async () => {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
  const path = join(folder, "server");
  const server = createServer((socket: Socket) => socket.on("data", (part) => socket.write(`<${part}>`)));
  await once(server.listen(path), "listening");
  const [ours, theirs] = socketpair();
  const ended = endOf(
    spawn("socat", ["-t1", "-", `UNIX-CONNECT:${path}`], { stdio: stdioOf({ 0: theirs, 1: theirs }) }),
  );
  const reader = ours.readable.getReader();
  await ours.writable.getWriter().write(bytes("through socat"));
  assert.equal(text((await reader.read()).value), "<through socat>");
  await ours.close();
  assert.equal(await ended, 0);
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
}, { skip });
