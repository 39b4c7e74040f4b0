/** Every example runs as its header says, with no more permissions than it says, and prints what it promises. */

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assert, type Outcome, run, runtime, test } from "../_support.ts";
import { missing } from "../peers/_child.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));

/** What each example prints. The Workers of one of them print in any order. */
const PRINTED: Record<string, string[]> = {
  "byob.ts": ["1048576 bytes through a buffer of 65536, sum 7340032"],
  "bytes.ts": ["Zwölf Boxkämpfer", "jagen Viktor"],
  "calls.ts": [
    "8",
    "0",
    "Cannot read a record of 20 bytes into a buffer of 16 bytes: it stays for the next read",
    "20",
    "TimeoutError",
    "3",
    "null",
  ],
  "child_process.ts": ['cat answered "there and back again" and exited with 0'],
  "gathering.ts": ['16 bytes: kind 1, length 8, "the body"'],
  "half_close.ts": ["1 + 2 + 39 = 42"],
  "records.ts": ['5 bytes: "first"', '0 bytes: ""', '19 bytes: "a third, longer one"', '0 bytes: ""', "end"],
  "worker.ts": ["TO", "A", "WORKER"],
  "handover/descriptors.ts": [
    "pool.ts opened",
    "  begins with /**",
    "descriptors.ts opened",
    "  begins with /**",
    "../../etc/passwd refused",
  ],
  "handover/file_to_child.ts": [
    "/**",
    " * A child is handed an open file: it reads what this process has opened, and needs no right to open it itself.",
  ],
  "handover/pipeline.ts": [
    "      2 BE",
    "      1 NOT",
    "      1 OR",
    "      2 TO",
    "tr a-z A-Z exited with 0",
    "sort exited with 0",
    "uniq -c exited with 0",
  ],
  "handover/pool.ts": ["1000 tasks done, 1000 different ones, by 4 Workers"],
  "handover/python_worker.ts": ["sum 6, largest 3", "sum 42, largest 40", "sum 7, largest 7"],
  "handover/workers.ts": [
    "answer: no more questions",
    "ask: 200 answers; few questions were waiting at the first",
  ],
  "recipes/control_socket.ts": [
    "serving socket",
    "there is no command dance",
    "stopping",
    "the server has stopped",
  ],
  "recipes/dbus_hello.ts": ["OK", "our name is :1.0"],
  "recipes/http.ts": ["HTTP/1.0 200 OK - you asked for /a/page"],
  "recipes/language_server.ts": ['{"id": 0, "result": "INITIALIZE"}', '{"id": 1, "result": "SHUTDOWN"}'],
  "recipes/lines.ts": ["one", "two", "three"],
  "recipes/objects.ts": ["json: 1", "json: the text 1970-01-01T00:00:00.000Z", "clone: 1", "clone: a Date"],
  "recipes/open_file_by_name.ts": [
    "it is the process that was started: true",
    "this example begins with /**",
  ],
  "recipes/progress.ts": [
    ...[0, 1, 2, 3, 4].map((done) => `${done} of 4 MB`),
    "571428",
    runtime === "deno" ? '[ "SIGPIPE", 0 ]' : "[ 'SIGPIPE', 0 ]",
  ],
  "recipes/requests.ts": ["[ 3, 42 ]", "the error of the other side arrives"],
  "recipes/socket_activation.ts": ["connection says HELLO"],
  "recipes/ssh_agent.ts": ["a key"],
  "recipes/worker_pool.ts": ["the sum of the squares of all numbers below 10,000: 333283335000"],
};

/** Needs @std/streams from JSR: tests/streams/std_streams_test.ts runs it. The demo has a test of its own. */
const ELSEWHERE = /^std_streams\.ts$|^demo\//;

/** Runs an example as its header says. */
function runExample(name: string): Promise<Outcome> {
  const path = EXAMPLES + name;
  const command = new RegExp(`^ \\* +${runtime} (.*)examples/${name}$`, "m").exec(readFileSync(path, "utf8"));
  assert.ok(command, `the header does not say how to run it on ${runtime}`);
  const options = command[1]!.split(" ").filter((part) => part !== "");
  if (runtime === "deno") options.push("--no-check", "--no-prompt");
  return run(process.execPath, [...options, path]);
}

/** Bun prints text in lists with double quotes. */
function lines({ stdout }: Outcome): string[] {
  return (runtime === "bun" ? stdout.replaceAll('[ "SIGPIPE", 0 ]', "[ 'SIGPIPE', 0 ]") : stdout).trimEnd().split("\n");
}

for (const [name, printed] of Object.entries(PRINTED)) {
  const source = readFileSync(EXAMPLES + name, "utf8");
  const peers = ["python3", "ssh-agent", "dbus-daemon"].filter((program) => source.includes(`"${program}"`));
  test(`examples/${name} prints what it promises`, async () => {
    const outcome = await runExample(name);
    const said = lines(outcome);
    if (name === "handover/workers.ts") said.sort();
    assert.deepEqual([outcome.code, outcome.signal, said], [0, null, printed], outcome.stderr);
  }, { skip: missing(...peers) });
}

test("every example is run by a test, and has at most 50 lines", () => {
  const names = (readdirSync(EXAMPLES, { recursive: true }) as string[])
    .filter((name) => name.endsWith(".ts") && !ELSEWHERE.test(name));
  assert.deepEqual(names.sort(), Object.keys(PRINTED).sort());
  const long = names.filter((name) => readFileSync(EXAMPLES + name, "utf8").trimEnd().split("\n").length > 50);
  assert.deepEqual(long, []);
});
