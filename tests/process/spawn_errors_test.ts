/** What the system refuses comes as the child's `error` event in every runtime, and the ends stay usable. */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { socketpair } from "../../mod.ts";
import { pipeline, spawn, type SpawnOptions } from "../../process/mod.ts";
import { assert, test } from "../_support.ts";
import { outcomes } from "../peers/_pipeline.ts";
import { textOf } from "../peers/_text.ts";
import { works } from "./_programs.ts";

const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
after(() => rmSync(folder, { recursive: true }));
const text = join(folder, "text");
writeFileSync(text, "no program\n");
chmodSync(text, 0o644);

/** More than the 2 MiB that one argument, and so all of them, may have. */
const LONG = "x".repeat(3_000_000);

const FAILURES: [what: string, code: string, program: string, args?: string[], options?: SpawnOptions][] = [
  ["a path that leads nowhere", "ENOENT", "/does/not/exist"],
  ["a name that PATH does not have", "ENOENT", "socketpair-does-not-exist"],
  ["a folder to start in that is not there", "ENOENT", "true", [], { cwd: "/does/not/exist" }],
  ["a file that is no program", "EACCES", text],
  ["a path through a file", "ENOTDIR", join(text, "x")],
  ["arguments that are too long", "E2BIG", "true", [LONG]],
  ["an environment that is too long", "E2BIG", "true", [], { env: { LONG } }],
];

for (const [what, code, program, args, options] of FAILURES) {
  test(`spawn() with ${what} says ${code} by an event, and the ends stay as they are`, async () => {
    await using pair = socketpair();
    const child = spawn(program, args, { ...options, stdio: [pair[1], pair[1], "ignore", pair[1]] });
    const closed = new Promise((resolve) => child.once("close", resolve));
    const error = await new Promise<{ code?: string }>((resolve) => child.on("error", resolve));
    assert.deepEqual([error.code, child.pid, child.killed], [code, undefined, false]);
    await closed;
    await works(pair);
  });
}

test("spawn() with a number that is not open says EBADF by an event", async () => {
  await using pair = socketpair();
  const child = spawn("true", [], { stdio: [pair[1], "ignore", "ignore", 999] });
  const error = await new Promise<{ code?: string }>((resolve) => child.on("error", resolve));
  assert.equal(error.code, "EBADF");
  assert.equal(child.kill(), false);
  child.ref();
  child.unref();
  await works(pair);
});

test("pipeline() with arguments that are too long says E2BIG in the status, and ends around it", async () => {
  const [ours, theirs] = socketpair();
  const joined = pipeline(["yes"], ["cat", LONG], ["cat"], { stdout: theirs });
  assert.equal(await textOf(ours.readable), "");
  assert.deepEqual(await outcomes(joined), ["SIGPIPE", "E2BIG", 0]);
  await ours.close();
});
