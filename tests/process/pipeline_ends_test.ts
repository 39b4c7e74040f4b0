/** pipeline() that makes the pairs at its ends, and what ends its programs. */

import type { EventEmitter } from "node:events";
import { mkdtempSync, promises, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type SocketEnd, socketpair } from "../../mod.ts";
import { type Command, duplex, pipeline, type PipelineOptions } from "../../process/mod.ts";
import { assert, test } from "../_support.ts";
import { missing } from "../peers/_child.ts";
import { outcomes, sh } from "../peers/_pipeline.ts";
import { bytes, textOf } from "../peers/_text.ts";
import { WATCHES_ITS_OUTPUT } from "./_programs.ts";

const BOTH = { stdin: "pipe", stdout: "pipe" } as const;

test("pipeline() gives our ends, which close with the direction that is used", async () => {
  const { stdin, stdout, statuses } = pipeline(["tr", "a-z", "A-Z"], ["sort"], BOTH);
  await stdin.write(bytes("pear\napple\n"));
  await stdin.writable.close();
  await stdin.closed;
  assert.equal(await textOf(stdout.readable), "APPLE\nPEAR\n");
  await stdout.closed;
  assert.deepEqual((await statuses).map(({ ok }) => ok), [true, true]);
});

test("pipeline() gives only the end that was asked for", async () => {
  const input = pipeline(["cat"], { stdin: "pipe", stdout: "ignore" });
  const output = pipeline(["true"], { stdin: "ignore", stdout: "pipe" });
  const neither = pipeline(["true"], { stdin: "ignore" });
  const named = (it: object) => ["stdin", "stdout"].filter((name) => name in it);
  assert.deepEqual([named(input), named(output), named(neither)], [["stdin"], ["stdout"], []]);
  await input.stdin.closeWrite();
  assert.deepEqual(await Promise.all([outcomes(input), outcomes(output), outcomes(neither)]), [[0], [0], [0]]);
  await output.stdout.closed;
});

/** Both ends are closed without a word, and the next write fails as one to a program that has ended. */
async function areOver({ stdin, stdout }: { stdin: SocketEnd; stdout: SocketEnd }): Promise<void> {
  await Promise.all([stdin.closed, stdout.closed]);
  assert.equal(await stdout.read(new Uint8Array(1)), null);
  await assert.rejects(stdin.write(new Uint8Array(1)), { code: "EPIPE" });
}

const SLEEP: Command = ["sleep", "30"];

for (
  const [what, commands, expected] of [
    ["ends by itself", [["true"], ["cat"]], [0, 0]],
    ["cannot be started", [["/does/not/exist"], ["cat"]], ["ENOENT", 0]],
    ["cannot be started, the last one,", [["true"], ["/does/not/exist"]], [0, "ENOENT"]],
  ] as [string, Command[], unknown[]][]
) {
  test(`pipeline() whose program ${what} closes the ends that it made, without a read or a write`, async () => {
    const joined = pipeline(...commands, BOTH);
    assert.deepEqual(await outcomes(joined), expected);
    await areOver(joined);
  });
}

test("pipeline() whose signal is aborted closes the ends that it made", async () => {
  const controller = new AbortController();
  const joined = pipeline(SLEEP, SLEEP, { ...BOTH, signal: controller.signal });
  controller.abort();
  assert.deepEqual(await outcomes(joined), ["SIGTERM", "SIGTERM"]);
  await areOver(joined);
});

test("pipeline() that is refused closes the ends that it made", async () => {
  const [ours, theirs] = socketpair();
  await theirs.close();
  assert.throws(() => pipeline(["cat"], { ...BOTH, stderr: theirs }), TypeError);
  assert.throws(() => pipeline(["cat"], { ...BOTH, stderr: null } as unknown as PipelineOptions), TypeError);
  assert.throws(() => pipeline(["cat"], { ...BOTH, cwd: 5 } as unknown as PipelineOptions), TypeError);
  await ours.close();
});

test("pipeline() keeps the output that its programs have left until it is read", async () => {
  const { stdout, statuses } = pipeline(["echo", "last words"], { stdin: "ignore", stdout: "pipe" });
  await statuses;
  assert.equal(await textOf(stdout.readable), "last words\n");
  await stdout.closed;
});

test("pipeline() whose output is cancelled and whose input is closed closes both ends while the program runs", async () => {
  const joined = pipeline(SLEEP, BOTH);
  await joined.stdout.readable.cancel();
  await joined.stdin.writable.close();
  await Promise.all([joined.stdin.closed, joined.stdout.closed]);
  assert.equal(joined.kill(), true);
  assert.deepEqual(await outcomes(joined), ["SIGTERM"]);
});

test(
  "pipeline() closes its input when the last program that has it ends, not only the one that was started",
  async () => {
    const joined = pipeline(sh("exec 4<&0; sleep 0.3 <&4 & exit 0"), { stdin: "pipe", stdout: "ignore" });
    assert.deepEqual(await outcomes(joined), [0]);
    await joined.stdin.closed;
    await assert.rejects(joined.stdin.write(new Uint8Array(1)), { code: "EPIPE" });
    // In Deno the thread that waits keeps descriptors of its own.
  },
  { census: false },
);

test("pipeline() has an output that Python's asyncio does not take for closed", async () => {
  const joined = pipeline(["python3", "-c", WATCHES_ITS_OUTPUT], BOTH);
  assert.equal(await textOf(joined.stdout.readable), "one two");
  assert.deepEqual(await outcomes(joined), [0]);
}, { skip: missing("python3") });

test("pipeline() takes what has a descriptor at its ends, and leaves it open", async () => {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
  const [from, to] = [join(folder, "from"), join(folder, "to")];
  writeFileSync(from, "text\n");
  const [stdin, stdout] = [await promises.open(from), await promises.open(to, "w")];
  assert.deepEqual(await outcomes(pipeline(["cat"], ["tr", "a-z", "A-Z"], { stdin, stdout })), [0, 0]);
  await stdout.write("more\n");
  await Promise.all([stdin.close(), stdout.close()]);
  assert.equal(readFileSync(to, "utf8"), "TEXT\nmore\n");
  rmSync(folder, { recursive: true });
});

test("kill() ends all programs that run, by the signal that it is given", async () => {
  const joined = pipeline(SLEEP, ["/does/not/exist"], SLEEP, { stdin: "ignore", stdout: "ignore" });
  assert.equal(joined.kill("SIGINT"), true);
  assert.deepEqual(await outcomes(joined), ["SIGINT", "ENOENT", "SIGINT"]);
  assert.equal(joined.kill(), false);
});

test("kill() of duplex() ends both", async () => {
  const joined = duplex(SLEEP, SLEEP);
  assert.equal(joined.kill(), true);
  assert.deepEqual(await outcomes(joined), ["SIGTERM", "SIGTERM"]);
});

test("kill() with a signal that there is not is the runtime's error, and ends nothing", async () => {
  const joined = pipeline(SLEEP, { stdin: "ignore", stdout: "ignore" });
  assert.throws(() => joined.kill("SIGNOTHING"), /SIGNOTHING/);
  joined.kill("SIGKILL");
  assert.deepEqual(await outcomes(joined), ["SIGKILL"]);
});

for (const by of ["kill()", "an aborted signal"]) {
  test(`pipeline() with detached: true ends by ${by} what its programs have started, too`, async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const shell = sh("sleep 30 & echo started; wait");
    const joined = pipeline(shell, ["cat"], { stdin: "ignore", stdout: "pipe", detached: true, signal });
    const reader = joined.stdout.readable.getReader();
    assert.equal((await reader.read()).value!.length, 8);
    if (by === "kill()") assert.equal(joined.kill("SIGKILL"), true);
    else controller.abort();
    // The sleep in the background has the pipe to cat: its end is here only when that has ended.
    assert.equal((await Promise.race([reader.read(), delay(5000)]))?.done, true);
    await outcomes(joined);
  });
}

test("an error of a program that runs, as of a signal that it may not be sent, does not tell how it has ended", async () => {
  const joined = pipeline(["cat"], { stdin: "pipe", stdout: "pipe" });
  (joined.children[0] as unknown as EventEmitter).emit(
    "error",
    Object.assign(new Error("kill EPERM"), { code: "EPERM" }),
  );
  await joined.stdin.write(new Uint8Array([5]));
  const buffer = new Uint8Array(9);
  assert.equal(await joined.stdout.read(buffer), 1);
  await joined.stdin.close();
  assert.equal(await joined.stdout.read(buffer), null);
  assert.deepEqual((await joined.statuses).map(({ code, error }) => [code, error]), [[0, undefined]]);
});
