/** Programs that have ends as their descriptors. */

import process from "node:process";
import { socketpair, type SocketType } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { assert, CONNECTED, runtime, stdioOf, test, TYPES } from "../_support.ts";
import { endOf, missing } from "../peers/_child.ts";
import { holders, holdsOnly, openFile } from "../peers/_sockets.ts";
import { ask, bytes, textOf } from "../peers/_text.ts";

test("spawn() gives a program an end as its standard input and output", async () => {
  const [ours, theirs] = socketpair();
  const ended = endOf(spawn("tr", ["a-z", "A-Z"], { stdio: stdioOf({ 0: theirs, 1: theirs }) }));
  assert.equal(await ask(ours, "there and back again\n".repeat(50_000)), "THERE AND BACK AGAIN\n".repeat(50_000));
  assert.equal(await ended, 0);
});

test("spawn() gives a program an end as its standard error", async () => {
  const [ours, theirs] = socketpair();
  const ended = endOf(spawn("sh", ["-c", "echo out; echo error >&2"], { stdio: stdioOf({ 2: theirs }, "ignore") }));
  assert.equal(await textOf(ours.readable), "error\n");
  assert.equal(await ended, 0);
  await ours.close();
});

for (const slot of [3, 4, 9]) {
  test(`spawn() gives a program an end as its descriptor ${slot}`, async () => {
    const [ours, theirs] = socketpair();
    const ended = endOf(spawn("sh", ["-c", `tr a-z A-Z <&${slot} >&${slot}`], { stdio: stdioOf({ [slot]: theirs }) }));
    assert.equal(await ask(ours, "hello"), "HELLO");
    assert.equal(await ended, 0);
  });
}

test("spawn() gives a program several ends, each in its place", async () => {
  const pairs = [socketpair(), socketpair(), socketpair()];
  const ends = { 0: pairs[0]![1], 1: pairs[1]![1], 5: pairs[2]![1] };
  const ended = endOf(spawn("sh", ["-c", "cat; cat <&5"], { stdio: stdioOf(ends) }));
  for (const [index, text] of [[0, "first "], [2, "second"]] as const) {
    const writer = pairs[index]![0].writable.getWriter();
    await writer.write(bytes(text));
    await writer.close();
  }
  assert.equal(await textOf(pairs[1]![0].readable), "first second");
  assert.equal(await ended, 0);
  await Promise.all(pairs.map(([ours]) => ours.close()));
});

/** Starts a program that does nothing, with the same end in several places. */
async function sameEnd(slots: readonly number[], type: SocketType): Promise<void> {
  const [ours, theirs] = socketpair({ type });
  const file = openFile(theirs.fd);
  const child = spawn("sleep", ["60"], { stdio: stdioOf(Object.fromEntries(slots.map((slot) => [slot, theirs]))) });
  const ended = endOf(child);
  if (child.pid === undefined) return assert.fail(`it could not be started: ${await ended}`);
  assert.deepEqual(holders(file), []);
  assert.equal(theirs.fd, -1);
  await theirs.closed;
  await holdsOnly(file, child.pid, slots);
  // The end that stays here is close-on-exec.
  await holdsOnly(openFile(ours.fd), child.pid, []);
  child.kill("SIGKILL");
  assert.equal(await ended, "SIGKILL");
  await ours.close();
}

// What it gives as 0 to 2 it duplicates with dup(2), for the child to inherit: denoland/deno#33140.
const spare = runtime === "deno" && "Deno leaves the child a spare copy of descriptors 0 to 2";

for (const type of TYPES) {
  for (const [slots, skip] of [[[3], false], [[3, 7], false], [[0, 1], spare], [[0, 1, 2, 3], spare]] as const) {
    const name = `spawn() gives an end to descriptors ${slots.join(", ")} and no other, and keeps none here: ${type}`;
    test(name, () => sameEnd(slots, type), { skip });
  }
}

test("spawn() gives each end to the descriptor that it is to be, also where that number is another end's here", async () => {
  const pairs = [socketpair(), socketpair()];
  const [first, second] = [pairs[0]![1], pairs[1]![1]];
  const files = [openFile(first.fd), openFile(second.fd)];
  const slots = [second.fd, first.fd];
  const child = spawn("sleep", ["60"], { stdio: stdioOf({ [second.fd]: first, [first.fd]: second }) });
  const ended = endOf(child);
  for (const index of [0, 1]) await holdsOnly(files[index]!, child.pid!, [slots[index]!]);
  child.kill("SIGKILL");
  assert.equal(await ended, "SIGKILL");
  await Promise.all(pairs.map(([ours]) => ours.close()));
});

for (const type of CONNECTED) {
  test(`spawn() keeps nothing open: the peer sees the end of the stream when the program is over: ${type}`, async () => {
    const [ours, theirs] = socketpair({ type });
    const child = spawn("sh", ["-c", "printf last >&3; exit 7"], { stdio: stdioOf({ 3: theirs }) });
    const ended = endOf(child);
    assert.equal(await textOf(ours.readable), "last");
    assert.equal(await ended, 7);
    await assert.rejects(ours.writable.getWriter().write(bytes("late")), { code: "EPIPE" });
  });
}

test("spawn() hands a used end over as it was born: an empty record is no more than zero bytes", async () => {
  const [ours, theirs] = socketpair({ type: "seqpacket" });
  const writer = ours.writable.getWriter();
  await writer.write(bytes("mine"));
  const reader = theirs.readable.getReader();
  await reader.read();
  reader.releaseLock();
  const script =
    "import socket; s = socket.socket(fileno=3); print(s.getsockopt(1, 29), s.getsockopt(1, 16), s.recv(9))";
  const child = spawn("python3", ["-c", script], { stdio: stdioOf({ 3: theirs }, ["ignore", "pipe", "inherit"]) });
  const ended = endOf(child);
  let printed = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => printed += text);
  const closed = new Promise((resolve) => child.on("close", resolve));
  await writer.write(bytes("theirs"));
  assert.equal(await ended, 0);
  await closed;
  assert.equal(printed, "0 0 b'theirs'\n");
  await ours.close();
}, { skip: missing("python3") });

test("spawn() takes stdio, env and cwd as node:child_process does", async () => {
  const [ours, theirs] = socketpair();
  const child = spawn("/bin/sh", ["-c", 'read line; echo "$line $COLOUR ${HOME-none} $PWD" >&3; echo piped'], {
    stdio: ["pipe", "pipe", "inherit", theirs],
    env: { COLOUR: "blue" },
    cwd: "/",
  });
  const ended = endOf(child);
  let piped = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => piped += text);
  child.stdin!.end("typed\n");
  assert.equal(await textOf(ours.readable), "typed blue none /\n");
  assert.equal(await ended, 0);
  assert.equal(piped, "piped\n");
  await ours.close();
});

test("spawn() passes this process's environment, and says in it where the ends are", async () => {
  const pairs = [socketpair(), socketpair(), socketpair()];
  process.env["SOCKETPAIR_TEST"] = "passed on";
  const ends = { 7: pairs[2]![1], 1: pairs[0]![1], 3: pairs[1]![1] };
  const script = 'echo "$SOCKETPAIR_TEST|$SOCKETPAIR_FDS|$SOCKETPAIR_FDNAMES"';
  const ended = endOf(spawn("sh", ["-c", script], { stdio: stdioOf(ends), names: { 3: "control", 7: "data" } }));
  delete process.env["SOCKETPAIR_TEST"];
  assert.equal(await textOf(pairs[0]![0].readable), "passed on|1:3:7|:control:data\n");
  assert.equal(await ended, 0);
  assert.equal(process.env["SOCKETPAIR_FDS"], undefined);
  await Promise.all(pairs.map(([ours]) => ours.close()));
});
