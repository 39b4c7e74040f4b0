import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assert, type Outcome, run, runtime, test } from "../_support.ts";
import "./_package.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));

/** What each example prints. */
const PRINTED: Record<string, string> = {
  "byob.ts": "1048576 bytes through a buffer of 65536, sum 7340032\n",
  "bytes.ts": "Zwölf Boxkämpfer\njagen Viktor\n",
  "child_process.ts": 'cat answered "there and back again" and exited with 0\n',
  "gathering.ts": '16 bytes: kind 1, length 8, "the body"\n',
  "half_close.ts": "1 + 2 + 39 = 42\n",
  "records.ts": '5 bytes: "first"\n0 bytes: ""\n19 bytes: "a third, longer one"\n0 bytes: ""\nend\n',
  "worker.ts": "TO\nA\nWORKER\n",
};

/** Needs @std/streams from JSR: tests/streams/std_streams_test.ts runs it. */
const ELSEWHERE = new Set(["std_streams.ts"]);

/** Runs an example as its header says, with no more permissions than it says. */
function runExample(name: string): Promise<Outcome> {
  const path = EXAMPLES + name;
  const command = new RegExp(`^ \\* +${runtime} (.*)examples/${name}$`, "m").exec(readFileSync(path, "utf8"));
  assert.ok(command, `the header does not say how to run it on ${runtime}`);
  const options = command[1]!.split(" ").filter((part) => part !== "");
  if (runtime === "deno") options.push("--no-check", "--no-prompt");
  return run(process.execPath, [...options, path]);
}

for (const [name, printed] of Object.entries(PRINTED)) {
  test(`examples/${name} prints what it promises`, async () => {
    const { code, signal, stdout, stderr } = await runExample(name);
    assert.deepEqual({ code, signal, stdout }, { code: 0, signal: null, stdout: printed }, stderr);
  });
}

test("every example is run by a test, and has at most 50 lines", () => {
  const names = readdirSync(EXAMPLES).filter((name) => name.endsWith(".ts"));
  assert.deepEqual(names.filter((name) => !ELSEWHERE.has(name)).sort(), Object.keys(PRINTED).sort());
  const long = names.filter((name) => readFileSync(EXAMPLES + name, "utf8").trimEnd().split("\n").length > 50);
  assert.deepEqual(long, []);
});
