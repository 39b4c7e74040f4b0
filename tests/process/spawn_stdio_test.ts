/** What stands in `stdio` comes to the program in just that place. */

import { closeSync, mkdtempSync, openSync, promises, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { socketpair } from "../../mod.ts";
import { spawn, type Stdio } from "../../process/mod.ts";
import { assert, commandFor, test } from "../_support.ts";
import { endOf } from "../peers/_child.ts";
import { ask, textOf } from "../peers/_text.ts";
import { printedBy } from "./_programs.ts";

/** Two files, each with its own name in it. */
function files(): { readonly a: number; readonly b: number } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
  for (const name of ["a", "b"]) writeFileSync(join(folder, name), name);
  const [a, b] = [openSync(join(folder, "a"), "r"), openSync(join(folder, "b"), "r")];
  const close = () => {
    closeSync(a);
    closeSync(b);
    rmSync(folder, { recursive: true });
  };
  return { a, b, [Symbol.dispose]: close };
}

test("spawn() gives one end twice, and another with a number above", async () => {
  const [ours, theirs] = socketpair();
  const [high, given] = socketpair();
  const stdio: Stdio[] = [theirs, theirs, "inherit", "ignore", null, undefined, given];
  const ended = endOf(spawn("sh", ["-c", "tr a-z A-Z; echo high >&6"], { stdio }));
  assert.equal(await ask(ours, "hello"), "HELLO");
  assert.equal(await textOf(high.readable), "high\n");
  assert.deepEqual([await ended, theirs.fd, given.fd], [0, -1, -1]);
  await high.close();
});

test("spawn() without stdio makes pipes of 0 to 2, as node:child_process does", async () => {
  const child = spawn("cat");
  const ended = endOf(child);
  child.stdin!.end("through pipes");
  assert.equal(await printedBy(child), "through pipes");
  assert.equal(await ended, 0);
});

test("spawn() with a stdio of one makes pipes of what is left out", async () => {
  const [ours, theirs] = socketpair();
  const child = spawn("sh", ["-c", "cat; echo complaint >&2"], { stdio: [theirs] });
  let complaint = "";
  child.stderr!.setEncoding("utf8").on("data", (part) => complaint += part);
  await ours.writable.close();
  assert.equal(await printedBy(child), "");
  assert.equal(complaint, "complaint\n");
  await ours.close();
});

test("spawn() opens nothing where a descriptor above 2 is left out", async () => {
  using opened = files();
  const script = "cat <&5; readlink /proc/self/fd/3 /proc/self/fd/4";
  const stdio: Stdio[] = ["ignore", "pipe", "inherit", , undefined, opened.a];
  const printed = await printedBy(spawn("sh", ["-c", script], { stdio }));
  // Node opens /dev/null for what is ignored, Deno and Bun nothing.
  assert.match(printed, /^a(\/dev\/null\n)*$/);
});

test("spawn() gives each number to its place, also where it is another's number here", async () => {
  using opened = files();
  const { a, b } = opened;
  const stdio: Stdio[] = Array(Math.max(a, b) + 1).fill("ignore");
  stdio.splice(0, 3, "ignore", "pipe", "inherit");
  stdio[a] = b;
  stdio[b] = a;
  const script = 'cat "/proc/self/fd/$1" "/proc/self/fd/$2"';
  assert.equal(await printedBy(spawn("sh", ["-c", script, "sh", `${a}`, `${b}`], { stdio })), "ba");
});

test("spawn() gives each number to its place, also where that is the next free number here", async () => {
  using opened = files();
  const { a, b } = opened;
  const stdio: Stdio[] = Array(111).fill("ignore");
  stdio.splice(0, 3, "ignore", "pipe", "inherit");
  const next = Math.max(a, b) + 2;
  stdio.fill(b, next, next + 11).fill(a, 100);
  const script = 'for fd in $(seq $1 $(($1 + 10))) $(seq 100 110); do cat "/proc/self/fd/$fd"; done';
  const printed = await printedBy(spawn("sh", ["-c", script, "sh", `${next}`], { stdio }));
  assert.equal(printed, "b".repeat(11) + "a".repeat(11));
});

test("spawn() gives what has a descriptor to its place, and leaves it open", async () => {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
  const handle = await promises.open(join(folder, "file"), "w+");
  const ended = endOf(spawn("sh", ["-c", "echo text >&5"], { stdio: ["ignore", "ignore", "inherit", , , handle] }));
  assert.equal(await ended, 0);
  assert.equal((await handle.read(new Uint8Array(9), 0, 9, 0)).bytesRead, 5);
  await handle.close();
  const message = "Cannot start a program: stdio[0] is closed";
  assert.throws(() => spawn("cat", [], { stdio: [handle] }), { name: "TypeError", message });
  rmSync(folder, { recursive: true });
});

test("spawn() asks an object for its descriptor once", async () => {
  using opened = files();
  let asked = 0;
  const stdin = {
    get fd() {
      return asked++ === 0 ? opened.a : opened.b;
    },
  };
  assert.equal(await printedBy(spawn("cat", [], { stdio: [stdin, "pipe", "inherit"] })), "a");
  assert.equal(asked, 1);
});

test('spawn() takes "overlapped" for "pipe"', async () => {
  const child = spawn("cat", [], { stdio: ["overlapped", "overlapped", "inherit"] });
  child.stdin!.end("through pipes");
  assert.equal(await printedBy(child), "through pipes");
  const all = spawn("true", [], { stdio: "overlapped" });
  assert.equal(await endOf(all), 0);
  assert.ok(all.stdin !== null && all.stderr !== null);
});

test('spawn() with "inherit" above 2 gives the descriptor of that number', async () => {
  using opened = files();
  const { b } = opened;
  const stdio: Stdio[] = Array(b + 1).fill("ignore");
  stdio.splice(0, 3, "ignore", "pipe", "inherit");
  stdio[b] = "inherit";
  const child = spawn("sh", ["-c", `cat /proc/self/fd/${b}`], { stdio });
  assert.equal(await printedBy(child), "b");
});

test('spawn() gives ends beside the channel of "ipc", which works', async () => {
  const [program, args] = commandFor("tests/process/answers.ts");
  for (const channel of [3, 4]) {
    const [ours, theirs] = socketpair();
    const [first, second] = channel === 3 ? ["ipc", theirs] as const : [theirs, "ipc"] as const;
    const child = spawn(program, args, {
      stdio: ["ignore", "inherit", "inherit", first, second],
      env: { ...process.env, NODE_NO_WARNINGS: "1" },
    });
    const ended = endOf(child);
    const message = new Promise((resolve) => child.on("message", resolve));
    assert.equal(await textOf(ours.readable), `by descriptor ${channel === 3 ? 4 : 3}`);
    assert.deepEqual(await message, { by: "ipc" });
    assert.equal(await ended, 0);
    await ours.close();
  }
});

test("spawn() tells the numbers and the names of the ends, and takes its own parent's away", async () => {
  process.env["SOCKETPAIR_FDS"] = "99";
  process.env["SOCKETPAIR_FDNAMES"] = "stale";
  const script = 'echo "${SOCKETPAIR_FDS-none}|${SOCKETPAIR_FDNAMES-none}"';
  try {
    assert.equal(await printedBy(spawn("sh", ["-c", script])), "none|none\n");
    const [ours, theirs] = socketpair();
    const child = spawn("sh", ["-c", script], {
      stdio: ["ignore", "pipe", theirs, "ignore", theirs],
      names: { 4: "data" },
    });
    assert.equal(await printedBy(child), "2:4|:data\n");
    await ours.close();
  } finally {
    delete process.env["SOCKETPAIR_FDS"];
    delete process.env["SOCKETPAIR_FDNAMES"];
  }
});
