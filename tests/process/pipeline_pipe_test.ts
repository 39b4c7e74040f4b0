/** Between two programs of a pipeline is a pipe: they behave as in a shell. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { socketpair } from "../../mod.ts";
import { type Command, duplex, pipeline } from "../../process/mod.ts";
import { assert, test } from "../_support.ts";
import { missing } from "../peers/_child.ts";
import { outcomes, sh } from "../peers/_pipeline.ts";
import { ask, textOf } from "../peers/_text.ts";
import { bare, runs } from "./_programs.ts";

test("pipeline() puts a pipe between two programs, and sockets where an end is", async () => {
  const [input, theirInput] = socketpair();
  const show = sh('links=$(readlink /proc/$$/fd/0 /proc/$$/fd/1); echo "$links" >&2; cat');
  const [errors, stderr] = socketpair();
  const [output, stdout] = socketpair();
  const joined = pipeline(show, show, { stdin: theirInput, stdout, stderr });
  assert.equal(await ask(input, ""), "");
  const kinds = (await textOf(errors.readable)).trim().split("\n").map((link) => link.split(":")[0]).sort();
  assert.deepEqual(kinds, ["pipe", "pipe", "socket", "socket"]);
  assert.deepEqual(await outcomes(joined), [0, 0]);
  await Promise.all([output.close(), errors.close()]);
});

test("pipeline() of yes and head: SIGPIPE ends yes, which says nothing", async () => {
  const [errors, stderr] = socketpair();
  assert.deepEqual(await runs([["yes"], ["head", "-n", "1"]], { stderr }), ["y\n", "SIGPIPE", 0]);
  assert.equal(await textOf(errors.readable), "");
  await errors.close();
});

test("pipeline() of programs that open /dev/stdin and /dev/stdout", async () => {
  const commands: Command[] = [
    ["printf", "b\\na\\n"],
    ["sort", "/dev/stdin"],
    ["tee", "/dev/stdout"],
    sh("cat </dev/stdin >/dev/stdout"),
    ["cat"],
  ];
  const [printed, ...ends] = await runs(commands);
  assert.deepEqual([printed.trim().split("\n").sort().join(""), ...ends], ["aabb", 0, 0, 0, 0, 0]);
});

test("pipeline() of twenty programs ends: no program has a descriptor of another's pipe", async () => {
  const commands: Command[] = [["echo", "through"], ...Array<Command>(20).fill(["cat"])];
  assert.deepEqual(await runs(commands), ["through\n", ...Array(21).fill(0)]);
});

test("pipeline() of bash in the middle: it reads no ~/.bashrc", async () => {
  const home = mkdtempSync(join(tmpdir(), "socketpair-"));
  writeFileSync(join(home, ".bashrc"), "echo from .bashrc\n");
  const commands: Command[] = [["echo", "input"], ["bash", "-c", "cat"], ["cat"]];
  assert.deepEqual(await runs(commands, { env: bare({ HOME: home }) }), ["input\n", 0, 0, 0]);
  rmSync(home, { recursive: true });
}, { skip: missing("bash") });

test("pipeline() tells a program the numbers of ends only, not those of pipes", async () => {
  const tell = sh('cat; echo "${SOCKETPAIR_FDS-none}"');
  const [input, stdin] = socketpair();
  await input.close();
  assert.deepEqual(await runs([tell, tell, tell], { stdin }), ["0\nnone\n1\n", 0, 0, 0]);
});

test("duplex() puts a socket between two programs, and tells them so", async () => {
  const [errors, stderr] = socketpair();
  const tell = sh('readlink /proc/self/fd/0 | cut -c 1-7 >&2; echo "$SOCKETPAIR_FDS" >&2');
  assert.deepEqual(await outcomes(duplex(tell, tell, { stderr })), [0, 0]);
  const lines = (await textOf(errors.readable)).trim().split("\n").sort();
  assert.deepEqual(lines, ["0:1:2", "0:1:2", "socket:", "socket:"]);
  await errors.close();
});

/** What programs answer that have one end as their input and output. */
async function exchange(...commands: Command[]): Promise<[string, unknown[]]> {
  const [ours, theirs] = socketpair();
  const joined = pipeline(...commands, { stdin: theirs, stdout: theirs });
  return [await ask(ours, "b\na\n"), await outcomes(joined)];
}

test("pipeline() with one end as its input and its output", async () => {
  assert.deepEqual(await exchange(["cat"]), ["b\na\n", [0]]);
  assert.deepEqual(await exchange(["cat"], ["sort"], ["cat"]), ["a\nb\n", [0, 0, 0]]);
});
