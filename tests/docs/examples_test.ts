/** Every example runs as its header says, with no more permissions than it says, and prints what it promises. */

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assert, type Outcome, run, runtime, test } from "../_support.ts";
import { missing } from "../peers/_child.ts";
import { noSshd, sshTo } from "../peers/_sshd.ts";
import { ROOT } from "./_package.ts";

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
  "recipes/another_machine.ts": [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c",
    "d29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025",
    "exited with 0",
  ],
  "recipes/control_socket.ts": [
    "serving socket",
    "there is no command dance",
    "stopping",
    "the server has stopped",
  ],
  "recipes/dbus_hello.ts": ["OK", "our name is :1.0"],
  "recipes/delimiters.ts": ["a name!", "with a line", "in it!"],
  "recipes/http.ts": ["connected", "200 you asked for /a/page", "200 you asked for /another"],
  "recipes/http_worker.ts": ["connected", "200 you asked for /a/page", "200 you asked for /another"],
  "recipes/language_server.ts": ["INITIALIZE", "SHUTDOWN", "exited with 0"],
  "recipes/lines.ts": ["one", "two", "three"],
  "recipes/mcp_worker.ts": ["add", "42"],
  "recipes/objects.ts": ["2 texts", "the text 1970-01-01T00:00:00.000Z", "a Date"],
  "recipes/open_file_by_name.ts": [
    "it is the process that was started: true",
    "this example begins with /**",
  ],
  "recipes/progress.ts": ["571428 lines", "yes SIGPIPE", "head 0"],
  "recipes/receive_file.ts": ["a file of 31000 characters: what only the sender could open"],
  "recipes/receive_sockets.ts": ["the server says welcome", "the connection says HELLO"],
  "recipes/requests.ts": ["[ 3, 42 ]", "the error of the other side arrives"],
  "recipes/socket_activation.ts": ["connection says HELLO"],
  "recipes/ssh_agent.ts": ["a key"],
  "recipes/web_worker.ts": ["3", "5", "7"],
  "recipes/worker_dies.ts": ["a record of 1 bytes", "a record of 2 bytes", "it exited with 3"],
  "recipes/worker_pool.ts": ["the sum of the squares of all numbers below 10,000: 333283335000"],
};

/** Needs @std/streams from JSR: tests/streams/std_streams_test.ts runs it. The demo has a test of its own. */
const ELSEWHERE = /^std_streams\.ts$|^demo\//;

/** Why an example does not run here, besides missing programs. */
const NOT_HERE: Record<string, string | false> = {
  "recipes/another_machine.ts": noSshd,
  "recipes/http_worker.ts": runtime === "deno" && "Deno's node:http ends such a connection after one response",
  "recipes/web_worker.ts": runtime === "node" && "Node has no web Worker",
  "recipes/mcp_worker.ts": !existsSync(join(ROOT, "node_modules/@modelcontextprotocol/sdk")) &&
    "30 MB: npm install --no-save @modelcontextprotocol/sdk",
};

/** What is behind the example's name on its command line. */
const ARGUMENTS: Record<string, (folder: string) => string[]> = {
  "recipes/another_machine.ts": (folder) =>
    sshTo(folder, (configuration) => ["/usr/sbin/sshd", "-i", "-f", configuration]),
};

/** A copy of an example in a folder where `@std/streams` is the stand-in for it. */
function withStandIn(name: string, folder: string): string {
  const [modules, standIn] = [join(folder, "node_modules"), join(ROOT, "tests/docs/_std_streams.ts")];
  for (const scope of ["@std", "@socketpair"]) mkdirSync(join(modules, scope), { recursive: true });
  symlinkSync(ROOT, join(modules, "@socketpair/streams"));
  // By a link: Node strips no types of what is in node_modules itself.
  mkdirSync(join(folder, "std"));
  copyFileSync(standIn, join(folder, "std/mod.ts"));
  writeFileSync(join(folder, "std/package.json"), JSON.stringify({ type: "module", exports: "./mod.ts" }));
  symlinkSync(join(folder, "std"), join(modules, "@std/streams"));
  const { imports } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
  const absolute = Object.entries<string>(imports).map(([key, target]) => [key, target.replace("./", ROOT)]);
  const all = { imports: { ...Object.fromEntries(absolute), "@std/streams": standIn } };
  writeFileSync(join(folder, "deno.json"), JSON.stringify(all));
  copyFileSync(EXAMPLES + name, join(folder, "example.ts"));
  return join(folder, "example.ts");
}

/** Runs an example as its header says. */
async function runExample(name: string): Promise<Outcome> {
  const path = EXAMPLES + name;
  const command = new RegExp(`^ \\* +${runtime} (.*)examples/${name}( .*)?$`, "m").exec(readFileSync(path, "utf8"));
  assert.ok(command, `the header does not say how to run it on ${runtime}`);
  const options = command[1]!.split(" ").filter((part) => part !== "");
  if (runtime === "deno") options.push("--no-check", "--no-prompt");
  const folder = mkdtempSync(join(tmpdir(), "socketpair-example-"));
  try {
    const script = name === "recipes/delimiters.ts" ? withStandIn(name, folder) : path;
    return await run(process.execPath, [...options, script, ...ARGUMENTS[name]?.(folder) ?? []], { cwd: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const [name, printed] of Object.entries(PRINTED)) {
  const source = readFileSync(EXAMPLES + name, "utf8");
  const peers = ["python3", "ssh-agent", "dbus-daemon"].filter((program) => source.includes(`"${program}"`));
  test(`examples/${name} prints what it promises`, async () => {
    const { code, signal, stdout, stderr } = await runExample(name);
    const said = stdout.trimEnd().split("\n");
    if (name === "handover/workers.ts") said.sort();
    assert.deepEqual([code, signal, said], [0, null, printed], stderr);
    if (name === "recipes/progress.ts") assert.match(stderr, /^\[#{10} {10}\] 50 %\n[^]*^\[#{20}\] 100 %$/m);
  }, { skip: missing(...peers) || NOT_HERE[name] || false });
}

test("every example is run by a test, and has at most 50 lines", () => {
  const names = (readdirSync(EXAMPLES, { recursive: true }) as string[])
    .filter((name) => name.endsWith(".ts") && !ELSEWHERE.test(name));
  assert.deepEqual(names.sort(), Object.keys(PRINTED).sort());
  const long = names.filter((name) => readFileSync(EXAMPLES + name, "utf8").trimEnd().split("\n").length > 50);
  assert.deepEqual(long, []);
});
