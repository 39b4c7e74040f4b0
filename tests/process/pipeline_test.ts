/** Programs joined in a row by pairs. */

import { createHash } from "node:crypto";
import { type SocketEnd, socketpair } from "../../mod.ts";
import { type Command, pipeline } from "../../process/mod.ts";
import { assert, test } from "../_support.ts";
import "../children/_warm_up.ts";
import { type End, outcomes, sh } from "../peers/_pipeline.ts";
import { bytes, textOf } from "../peers/_text.ts";

const MEBIBYTE = 2 ** 20;

/** What the last program prints, and how all of them ended. */
async function runs(...commands: Command[]): Promise<[string, ...End[]]> {
  const [ours, theirs] = socketpair();
  const joined = pipeline(...commands, { stdout: theirs });
  const printed = await textOf(ours.readable);
  const ends = await outcomes(joined);
  await ours.close();
  return [printed, ...ends];
}

test("pipeline() joins programs, and tells how each ended", async () => {
  const found = await runs(["printf", "b\\na\\nb\\n"], ["sort"], ["uniq", "-c"]);
  assert.deepEqual(found, ["      1 a\n      2 b\n", 0, 0, 0]);
});

test("pipeline() of one program has both ends of ours", async () => {
  const [input, theirInput] = socketpair();
  const [output, theirOutput] = socketpair();
  const joined = pipeline(["tr", "a-z", "A-Z"], { stdin: theirInput, stdout: theirOutput });
  assert.deepEqual([joined.children.length, theirInput.fd, theirOutput.fd], [1, -1, -1]);
  const writer = input.writable.getWriter();
  await writer.write(bytes("through one program"));
  await writer.close();
  assert.equal(await textOf(output.readable), "THROUGH ONE PROGRAM");
  assert.deepEqual(await outcomes(joined), [0]);
  await Promise.all([input.close(), output.close()]);
});

test("pipeline() tells every exit code, in order", async () => {
  const [, ...ends] = await runs(sh("exit 3"), sh("cat; exit 0"), sh("cat; exit 5"), sh("cat; exit 7"));
  assert.deepEqual(ends, [3, 0, 5, 7]);
});

test("pipeline() tells the command of every status", async () => {
  const commands: Command[] = [["echo", "one", "two"], ["cat"]];
  const [ours, theirs] = socketpair();
  const { children, statuses } = pipeline(...commands, { stdout: theirs });
  assert.equal(await textOf(ours.readable), "one two\n");
  assert.deepEqual((await statuses).map(({ command }) => command), commands);
  assert.ok(children.every(({ pid }) => pid! > 0));
  await ours.close();
});

/** Writes for ever, and says nothing when it is cut. */
const YES = sh("exec yes 2>/dev/null");

/** What ends a program that writes to one which is gone: SIGPIPE, or its own failure after ECONNRESET. */
function isCut(end: End): boolean {
  return end === "SIGPIPE" || (typeof end === "number" && end !== 0);
}

test("pipeline() with a program in the middle that fails: what is before it is cut, what is after it ends", async () => {
  const [printed, before, middle, after] = await runs(YES, sh("head -c 6; exit 9"), ["cat"]);
  assert.deepEqual([printed, middle, after], ["y\ny\ny\n", 9, 0]);
  assert.ok(isCut(before), String(before));
});

for (
  const [place, commands, expected] of [
    ["first", [["/does/not/exist"], ["cat"], ["cat"]], ["", "ENOENT", 0, 0]],
    ["in the middle", [["true"], ["/does/not/exist"], ["cat"]], ["", 0, "ENOENT", 0]],
    ["last", [["true"], ["cat"], ["/does/not/exist"]], ["", 0, 0, "ENOENT"]],
  ] as [string, Command[], unknown[]][]
) {
  test(`pipeline() with a program that cannot be started ends around it: ${place}`, async () => {
    assert.deepEqual(await runs(...commands), expected);
  });
}

test("pipeline() with a program that cannot be started cuts one that would write to it for ever", async () => {
  const [printed, before, middle] = await runs(YES, ["/does/not/exist"], ["cat"]);
  assert.deepEqual([printed, middle], ["", "ENOENT"]);
  assert.ok(isCut(before), String(before));
});

test("pipeline() with a program that is killed ends around it", async () => {
  const [ours, theirs] = socketpair();
  const joined = pipeline(YES, ["cat"], ["wc", "-l"], { stdout: theirs });
  joined.children[1]!.kill("SIGKILL");
  assert.match(await textOf(ours.readable), /^\s*\d+\n$/);
  const [before, middle, after] = await outcomes(joined);
  assert.deepEqual([middle, after], ["SIGKILL", 0]);
  assert.ok(isCut(before), String(before));
  await ours.close();
});

test("pipeline() whose last program ends early cuts the first: yes | head -1", async () => {
  const [printed, before, last] = await runs(YES, ["head", "-1"]);
  assert.deepEqual([printed, last], ["y\n", 0]);
  assert.ok(isCut(before), String(before));
});

test("pipeline() whose output no program reads any more is cut", async () => {
  const [ours, theirs] = socketpair();
  const joined = pipeline(YES, sh("exec cat 2>/dev/null"), { stdout: theirs });
  const reader = ours.readable.getReader();
  await reader.read();
  await reader.cancel();
  const ends = await outcomes(joined);
  assert.ok(ends.every(isCut), String(ends));
  await ours.close();
});

/** 64 MiB, each MiB another, and what they hash to. */
async function feed(end: SocketEnd): Promise<string> {
  const hash = createHash("sha256");
  const writer = end.writable.getWriter();
  for (let number = 0; number < 64; number += 1) {
    const chunk = new Uint8Array(MEBIBYTE).fill(number);
    hash.update(chunk);
    await writer.write(chunk);
  }
  await writer.close();
  return hash.digest("hex");
}

test("pipeline() carries 64 MiB from here: cat | cat | sha256sum", async () => {
  const [input, theirInput] = socketpair();
  const [output, theirOutput] = socketpair();
  const joined = pipeline(["cat"], ["cat"], ["sha256sum"], { stdin: theirInput, stdout: theirOutput });
  const [digest, printed] = await Promise.all([feed(input), textOf(output.readable)]);
  assert.equal(printed, `${digest}  -\n`);
  assert.deepEqual(await outcomes(joined), [0, 0, 0]);
  await Promise.all([input.close(), output.close()]);
});
