/** Programs that cannot be started, and ends that cannot be given: nothing is lost, and the reason is told. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type SocketEnd, socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { watched } from "../_epoll.ts";
import { assert, CONNECTED, delay, stdioOf, test } from "../_support.ts";
import { hasQueued, until } from "../_waiting.ts";
import { endOf } from "../peers/_child.ts";
import { bytes, text, textOf } from "../peers/_text.ts";

/** Both directions work. */
async function works([left, right]: readonly [SocketEnd, SocketEnd]): Promise<void> {
  for (const [from, to] of [[left, right], [right, left]] as const) {
    const writer = from.writable.getWriter();
    const reader = to.readable.getReader();
    await writer.write(bytes("still here"));
    assert.equal(text((await reader.read()).value), "still here");
    writer.releaseLock();
    reader.releaseLock();
  }
}

for (const type of CONNECTED) {
  test(`spawn() of a program that does not exist says ENOENT, and the ends stay usable: ${type}`, async () => {
    await using pair = socketpair({ type });
    const child = spawn("/does/not/exist", [], { stdio: stdioOf({ 0: pair[1], 1: pair[1], 3: pair[1] }) });
    const error = await new Promise<Error & { code?: string }>((resolve) => child.on("error", resolve));
    assert.equal(error.code, "ENOENT");
    assert.match(error.message, /spawn.*\/does\/not\/exist|ENOENT/);
    assert.equal(child.pid, undefined);
    await works(pair);
  });
}

test("spawn() of a file that is no program says EACCES, and the ends can be given to another", async () => {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
  const path = join(folder, "text");
  writeFileSync(path, "no program\n");
  chmodSync(path, 0o644);
  const [ours, theirs] = socketpair();
  assert.equal(await endOf(spawn(path, [], { stdio: stdioOf({ 0: theirs, 1: theirs }) })), "EACCES");
  const ended = endOf(spawn("cat", [], { stdio: stdioOf({ 0: theirs, 1: theirs }) }));
  const writer = ours.writable.getWriter();
  await writer.write(bytes("after all"));
  await writer.close();
  assert.equal(await textOf(ours.readable), "after all");
  assert.equal(await ended, 0);
  rmSync(folder, { recursive: true });
});

test("spawn() in a folder that does not exist says ENOENT, and the ends stay usable", async () => {
  await using pair = socketpair();
  assert.equal(await endOf(spawn("cat", [], { stdio: stdioOf({ 0: pair[1] }), cwd: "/does/not/exist" })), "ENOENT");
  await works(pair);
});

test("spawn() that fails a hundred times leaves nothing open", async () => {
  await using pair = socketpair();
  for (let time = 0; time < 100; time += 1) {
    assert.equal(await endOf(spawn("/does/not/exist", [], { stdio: stdioOf({ 0: pair[1], 3: pair[1] }) })), "ENOENT");
  }
  await works(pair);
});

test("spawn() that fails leaves a pending read as it was", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const reading = pair[1].readable.getReader().read();
  assert.equal(await endOf(spawn("/does/not/exist", [], { stdio: stdioOf({ 3: pair[1] }) })), "ENOENT");
  await pair[0].writable.getWriter().write(new Uint8Array(0));
  assert.equal((await reading).value!.length, 0);
});

test("spawn() that fails leaves an end that tells credentials as it was", async () => {
  await using pair = socketpair({ type: "seqpacket", chunks: "messages", credentials: true });
  assert.equal(await endOf(spawn("/does/not/exist", [], { stdio: stdioOf({ 3: pair[1] }) })), "ENOENT");
  await pair[0].writable.getWriter().write({ data: new Uint8Array(1) });
  const { value } = await pair[1].readable.getReader().read();
  assert.equal(value!.credentials?.pid, process.pid);
});

for (const command of ["", "a\0b"]) {
  test(`spawn() of ${JSON.stringify(command)}, which names no program, throws, and the ends stay usable`, async () => {
    await using pair = socketpair();
    assert.throws(() => spawn(command, [], { stdio: stdioOf({ 0: pair[1] }) }), TypeError);
    await works(pair);
  });
}

test("spawn() refuses a name with a colon, which the child could not tell from two", async () => {
  await using pair = socketpair();
  assert.throws(
    () => spawn("true", [], { stdio: stdioOf({ 3: pair[1] }), names: { 3: "a:b" } }),
    /^TypeError: Cannot /,
  );
  await works(pair);
});

test("spawn() refuses a closed end, and gives no other end away", async () => {
  await using good = socketpair();
  const bad = socketpair();
  await Promise.all([bad[0].close(), bad[1].close()]);
  const message = "Cannot hand the end over: the end is closed";
  for (const ends of [{ 3: good[1], 4: bad[1] }, { 3: bad[1], 4: good[1] }]) {
    assert.throws(() => spawn("cat", [], { stdio: stdioOf(ends) }), { name: "TypeError", message });
  }
  await works(good);
});

test("spawn() refuses an end whose writes are under way", async () => {
  await using pair = socketpair({ type: "seqpacket", sendBufferSize: 4608 });
  const writer = pair[1].writable.getWriter();
  const writes = Promise.all(Array.from({ length: 10 }, () => writer.write(new Uint8Array(3000))));
  const message = "Cannot hand the end over: writes are under way";
  assert.throws(() => spawn("cat", [], { stdio: stdioOf({ 0: pair[1] }) }), { name: "TypeError", message });
  const reader = pair[0].readable.getReader();
  for (let count = 0; count < 10; count += 1) assert.equal((await reader.read()).value!.length, 3000);
  await writes;
});

test("spawn() refuses an end that has received ahead: a program cannot have what is in this process", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  for (const length of [2, 1]) await pair[0].write(new Uint8Array(length));
  await assert.rejects(pair[1].read(new Uint8Array(1)), RangeError);
  const message = "Cannot hand the end over: it has received ahead";
  assert.throws(() => spawn("cat", [], { stdio: stdioOf({ 0: pair[1] }) }), { name: "TypeError", message });
  const reader = pair[1].readable.getReader();
  for (const length of [2, 1]) assert.equal((await reader.read()).value!.length, length);
});

test("spawn() that is refused for what has arrived doubles nothing", async () => {
  await using pair = socketpair({ type: "seqpacket" });
  const { readable } = pair[1];
  const first = readable.getReader();
  const gone = assert.rejects(first.read(), TypeError);
  await watched(pair[1], "read");
  first.releaseLock();
  await gone;
  const reader = readable.getReader();
  await pair[0].write(bytes("early"));
  await until(() => !hasQueued(pair[1]), "its receipt");
  for (let time = 0; time < 3; time += 1) {
    assert.throws(() => spawn("cat", [], { stdio: stdioOf({ 0: pair[1] }) }), /it has received ahead/);
  }
  await pair[0].write(bytes("late"));
  for (const word of ["early", "late"]) assert.equal(text((await reader.read()).value), word);
});

for (const mode of ["default", "byob"] as const) {
  test(`a stream receives nothing for a reader that has let go, and spawn() hands all of it over: ${mode}`, async () => {
    const [ours, theirs] = socketpair();
    const open = () => mode === "byob" ? theirs.readable.getReader({ mode }) : theirs.readable.getReader();
    const first = open();
    const gone = assert.rejects(first.read(new Uint8Array(9)), TypeError);
    await watched(theirs, "read");
    first.releaseLock();
    await gone;
    open();
    await ours.write(bytes("early "));
    await delay(20);
    assert.ok(hasQueued(theirs));
    const ended = endOf(spawn("cat", [], { stdio: stdioOf({ 0: theirs, 1: theirs }) }));
    await ours.write(bytes("late"));
    await ours.closeWrite();
    assert.equal(await textOf(ours.readable), "early late");
    assert.equal(await ended, 0);
    await ours.close();
  });
}

for (const locked of [false, true]) {
  const now = locked ? "and another holds the lock" : "and no other has come";
  test(`spawn() loses nothing that arrived for a reader that had let go, ${now}`, async () => {
    const [ours, theirs] = socketpair();
    const reader = theirs.readable.getReader();
    const gone = assert.rejects(reader.read(), TypeError);
    await delay(5);
    reader.releaseLock();
    await gone;
    const other = locked ? theirs.readable.getReader() : undefined;
    const writer = ours.writable.getWriter();
    await writer.write(bytes("early "));
    await delay(5);
    try {
      const ended = endOf(spawn("cat", [], { stdio: stdioOf({ 0: theirs, 1: theirs }) }));
      await writer.write(bytes("late"));
      await writer.close();
      assert.equal(await textOf(ours.readable), "early late");
      assert.equal(await ended, 0);
    } catch (error) {
      assert.equal((error as Error).message, "Cannot hand the end over: it has received ahead");
      assert.equal(text((await other!.read()).value), "early ");
      await Promise.all([theirs.close(), ours.close()]);
    }
  });
}
