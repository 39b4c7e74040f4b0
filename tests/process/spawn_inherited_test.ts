/** Children written with this module find their ends, by name or in order. */

import process from "node:process";
import { socketpair } from "../../mod.ts";
import { type ChildProcess, spawn, type SpawnOptions } from "../../process/mod.ts";
import { assert, commandFor, delay, run, runtime, stdioOf, test } from "../_support.ts";
import { endOf } from "../peers/_child.ts";
import { bytes, textOf } from "../peers/_text.ts";

const SCRIPT = "tests/peers/inherits.ts";

function start(task: string, options: SpawnOptions, name: typeof runtime = runtime): ChildProcess {
  const [program, args] = commandFor(SCRIPT, name);
  return spawn(program, [...args, task], { env: { ...process.env, NODE_NO_WARNINGS: "1" }, ...options });
}

/** What a child's standard output is. */
async function printedBy(child: ChildProcess): Promise<string> {
  let printed = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => printed += text);
  await new Promise((resolve) => child.on("close", resolve));
  return printed.trimEnd();
}

for (const name of ["deno", "bun", "node"] as const) {
  test(`inherited() in ${name} finds the only end, without a name`, async () => {
    const [ours, theirs] = socketpair({ type: "seqpacket" });
    const ended = endOf(start("first", { stdio: stdioOf({ 3: theirs }) }, name));
    assert.equal(await textOf(ours.readable), "descriptor 3, seqpacket");
    assert.equal(await ended, 0);
    await ours.close();
  });

  test(`inherited() in ${name} finds ends by their names`, async () => {
    const [control, theirControl] = socketpair();
    const [data, theirData] = socketpair({ type: "seqpacket" });
    const ends = { 5: theirControl, 4: theirData };
    const ended = endOf(start("names", { stdio: stdioOf(ends), names: { 4: "data", 5: "control" } }, name));
    const writer = data.writable.getWriter();
    const sent = ["one", "", "three"];
    for (const record of sent) await writer.write(bytes(record));
    await writer.close();
    const received: string[] = [];
    for await (const record of data.readable) received.push(new TextDecoder().decode(record));
    assert.deepEqual(received, sent);
    assert.equal(await textOf(control.readable), "control 5, data done");
    assert.equal(await ended, 0);
    await control.close();
  });

  test(`SocketEnd.from(3) in ${name} takes the end without being told`, async () => {
    const [ours, theirs] = socketpair();
    const ended = endOf(start("from", { stdio: stdioOf({ 3: theirs }) }, name));
    const writer = ours.writable.getWriter();
    await writer.write(bytes("by number"));
    await writer.close();
    assert.equal(await textOf(ours.readable), "by number");
    assert.equal(await ended, 0);
  });
}

for (const name of ["deno", "bun", "node"] as const) {
  // It keeps a duplicate for node:fs: denoland/deno#34133.
  const skip = runtime === "deno" && name === "deno" &&
    "a Deno child of Deno keeps a spare copy of descriptors from 3 up";

  test(`close() in ${name} really closes: the parent cannot write although the child lives on`, async () => {
    const [ours, theirs] = socketpair({ type: "seqpacket" });
    const child = start("close and stay", { stdio: stdioOf({ 3: theirs }) }, name);
    const ended = endOf(child);
    assert.equal((await ours.readable.getReader().read()).done, true);
    const writer = ours.writable.getWriter();
    await assert.rejects(async () => {
      for (;;) await writer.write(new Uint8Array(1000)).then(() => delay(5));
    }, /EPIPE|ECONNRESET/);
    assert.equal(child.exitCode, null);
    child.kill("SIGKILL");
    assert.equal(await ended, "SIGKILL");
  }, { skip, timeout: 5000 });
}

test("inherited() without a name takes the lowest descriptor, standard input included", async () => {
  const [ours, theirs] = socketpair();
  const [other, theirOther] = socketpair();
  const ended = endOf(start("first", { stdio: stdioOf({ 3: theirOther, 0: theirs }) }));
  assert.equal(await textOf(ours.readable), "descriptor 0, stream");
  assert.equal(await ended, 0);
  await Promise.all([ours.close(), other.close()]);
});

test("inherited() gives each end once, and says what is wrong", async () => {
  const [ours, theirs] = socketpair();
  const ended = endOf(start("wrong", { stdio: stdioOf({ 3: theirs }) }));
  assert.deepEqual((await textOf(ours.readable)).split("\n"), [
    "TypeError: Cannot inherit an end: descriptor 3 was adopted before",
    'TypeError: Cannot inherit an end: there is none of the name "missing"',
    "TypeError: Cannot adopt descriptor 3: another object of this thread owns it",
  ]);
  assert.equal(await ended, 0);
  await ours.close();
});

test("inherited() that was refused for its options can be called again", async () => {
  const [ours, theirs] = socketpair();
  const child = start("refused", { stdio: stdioOf({ 3: theirs }, ["ignore", "ignore", "ignore"]) });
  const ended = endOf(child);
  assert.match(await textOf(ours.readable), /^RangeError: Cannot use busyPoll -1/);
  assert.equal(await ended, 0);
  await ours.close();
});

const NONE = /^TypeError: Cannot inherit an end: SOCKETPAIR_FDS is not set/;

test("inherited() says that there is no end where the parent has given none", async () => {
  const [program, args] = commandFor(SCRIPT);
  assert.match((await run(program, [...args, "none"])).stdout, NONE);
});

test("inherited() says that there is no end where spawn() was given none", async () => {
  const child = start("none", { stdio: stdioOf({}, ["pipe", "pipe", "inherit"]) });
  const ended = endOf(child);
  child.stdin!.end();
  assert.match(await printedBy(child), NONE);
  assert.equal(await ended, 0);
});

const noPermissions = runtime !== "deno" && "only Deno has permissions";

test("inherited() without --allow-env says that it may not look", async () => {
  const [ours, theirs] = socketpair();
  const [program, args] = commandFor(SCRIPT);
  const limited = args.map((arg) => arg === "-A" ? "--allow-ffi" : arg);
  const child = spawn(program, [...limited, "none"], { stdio: stdioOf({ 3: theirs }, ["ignore", "pipe", "inherit"]) });
  const ended = endOf(child);
  assert.match(await printedBy(child), /may not be read \(Deno: --allow-env\)$/);
  assert.equal(await ended, 0);
  await ours.close();
}, { skip: noPermissions });

for (const [call, ends] of [["close", false], ["closeWrite", true]] as const) {
  test(`${call}() of a child whose end stands in two slots ${ends ? "ends" : "does not end"} its output`, async () => {
    const [ours, theirs] = socketpair();
    const child = start(call, { stdio: [theirs, theirs, "pipe"] });
    const ended = endOf(child);
    const reading = ours.read(new Uint8Array(10));
    await new Promise<void>((resolve) => child.stderr!.on("data", () => resolve()));
    assert.equal(await Promise.race([reading, delay(ends ? 5000 : 50, "pending")]), ends ? null : "pending");
    child.kill("SIGKILL");
    assert.equal(await ended, "SIGKILL");
    assert.equal(await reading, null);
    await ours.close();
  });
}
