/** Deno's sanitizers of tests, and what the guide says to do for them. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assert, type Outcome, run, runtime, test } from "../_support.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const skip = runtime !== "deno" && "about Deno's tests";

/** A user's test file: what each test does is done before them too, if asked. */
const TESTS = `
import { socketpair } from "${ROOT}mod.ts";
import { spawn } from "${ROOT}process/mod.ts";

async function waits() {
  await using pair = socketpair();
  const reading = pair[1].read(new Uint8Array(1));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await pair[0].write(new Uint8Array(1));
  await reading;
}

async function starts() {
  const [ours, theirs] = socketpair();
  const child = spawn("true", [], { stdio: [theirs, theirs, "inherit"] });
  await new Promise((resolve) => child.on("exit", resolve));
  await ours.close();
}

if (Deno.env.has("BEFORE")) for (const act of [waits, starts]) await act();
for (const act of [waits, starts]) Deno.test(act.name, act);
`;

/** Runs that file with all sanitizers on. */
async function sanitized(variables: Record<string, string>): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-sanitized-"));
  const file = join(folder, "user_test.ts");
  writeFileSync(file, TESTS);
  const flags = ["-A", "--no-check", "--no-lock", "--sanitize-resources", "--sanitize-ops"];
  const env = { ...process.env, NO_COLOR: "1", ...variables };
  const outcome = await run(process.execPath, ["test", ...flags, file], { env });
  rmSync(folder, { recursive: true });
  return outcome;
}

test("Deno's sanitizers find nothing in tests of what was done once before them", async () => {
  const { code, stdout, stderr } = await sanitized({ BEFORE: "1" });
  assert.equal(code, 0, stdout + stderr);
}, { skip });

test("Deno's sanitizers find the C library that a test is the first to call", async () => {
  const { code, stdout } = await sanitized({});
  assert.equal(code, 1);
  assert.deepEqual([...new Set(stdout.match(/^ +- .*$/gm))].map((leak) => /A dynamic library/.test(leak)), [true]);
}, { skip });
