import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assert, type Outcome, run, runtime, test } from "../_support.ts";
import "./_package.ts";
import { missing } from "../peers/_child.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/handover/", import.meta.url));

/** What each example prints. The two Workers of one of them print in any order. */
const PRINTED: Record<string, string> = {
  "descriptors.ts": "pool.ts opened\n  begins with /**\ndescriptors.ts opened\n  begins with /**\n" +
    "../../etc/passwd refused\n",
  "file_to_child.ts":
    "/**\n * A child is handed an open file: it reads what this process has opened, and needs no right to " +
    "open it itself.\n",
  "pipeline.ts": "      2 BE\n      1 NOT\n      1 OR\n      2 TO\ntr a-z A-Z exited with 0\nsort exited with 0\n" +
    "uniq -c exited with 0\n",
  "pool.ts": "1000 tasks done, 1000 different ones, by 4 Workers\n",
  "python_worker.ts": "sum 6, largest 3\nsum 42, largest 40\nsum 7, largest 7\n",
  "workers.ts": "answer: no more questions\nask: 200 answers; few questions were waiting at the first\n",
};

/** Those with a child in Python. */
const PYTHON = ["descriptors.ts", "python_worker.ts"];

/** Runs an example as its header says, with no more permissions than it says. */
function runExample(name: string): Promise<Outcome> {
  const path = EXAMPLES + name;
  const command = new RegExp(`^ \\* +${runtime} (.*)examples/handover/${name}$`, "m").exec(readFileSync(path, "utf8"));
  assert.ok(command, `the header does not say how to run it on ${runtime}`);
  const options = command[1]!.split(" ").filter((part) => part !== "");
  if (runtime === "deno") options.push("--no-check", "--no-prompt");
  return run(process.execPath, [...options, path]);
}

for (const [name, printed] of Object.entries(PRINTED)) {
  test(`examples/handover/${name} prints what it promises`, async () => {
    const { code, signal, stdout, stderr } = await runExample(name);
    const lines = stdout.trimEnd().split("\n");
    if (name === "workers.ts") lines.sort();
    assert.deepEqual({ code, signal, lines }, { code: 0, signal: null, lines: printed.trimEnd().split("\n") }, stderr);
  }, { skip: PYTHON.includes(name) && missing("python3") });
}

test("every handover example is run by a test, and has at most 50 lines", () => {
  const names = readdirSync(EXAMPLES);
  assert.deepEqual(names.sort(), Object.keys(PRINTED).sort());
  const long = names.filter((name) => readFileSync(EXAMPLES + name, "utf8").trimEnd().split("\n").length > 50);
  assert.deepEqual(long, []);
});
