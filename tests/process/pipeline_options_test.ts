/** Options of pipelines: where they run, what is at their ends, and what ends them. */

import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { socketpair } from "../../mod.ts";
import { type Command, duplex, pipeline } from "../../process/mod.ts";
import { assert, delay, test } from "../_support.ts";
import { outcomes, sh } from "../peers/_pipeline.ts";
import { textOf } from "../peers/_text.ts";
import { bare, runs, works } from "./_programs.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "socketpair-")));
after(() => rmSync(folder, { recursive: true }));

test("pipeline() with cwd and env has them for every program", async () => {
  const show = sh('cat; echo "$PWD $COLOUR"');
  const options = { cwd: folder, env: bare({ COLOUR: "blue", NOTHING: undefined }), stdin: "ignore" } as const;
  assert.deepEqual(await runs([show, show], options), [`${folder} blue\n`.repeat(2), 0, 0]);
});

test("pipeline() with stderr has it for every program, and closes it when the last has ended", async () => {
  const [errors, stderr] = socketpair();
  const complain = sh("cat; echo oops >&2");
  assert.deepEqual(await runs([complain, complain, complain], { stdin: "ignore", stderr }), ["", 0, 0, 0]);
  assert.equal(await textOf(errors.readable), "oops\noops\noops\n");
  await errors.close();
});

test("pipeline() with numbers at its ends leaves them open here", async () => {
  const [from, to] = [join(folder, "from"), join(folder, "to")];
  writeFileSync(from, "text\n");
  const [stdin, stdout] = [openSync(from, "r"), openSync(to, "w")];
  assert.deepEqual(await outcomes(pipeline(["cat"], ["tr", "a-z", "A-Z"], { stdin, stdout })), [0, 0]);
  closeSync(stdin);
  closeSync(stdout);
  assert.equal(readFileSync(to, "utf8"), "TEXT\n");
});

test("pipeline() tells whether each program ended well", async () => {
  const { statuses } = pipeline(["true"], sh("exit 3"), ["/does/not/exist"], sh("kill -9 $$"), { stdout: "ignore" });
  const told = (await statuses).map((
    { ok, code, signal, error },
  ) => [ok, code, signal, (error as { code?: string })?.code]);
  assert.deepEqual(told, [
    [true, 0, null, undefined],
    [false, 3, null, undefined],
    [false, null, null, "ENOENT"],
    [false, null, "SIGKILL", undefined],
  ]);
});

const SLEEP: Command = ["sleep", "30"];

test("pipeline() with a signal: when it is aborted all programs end", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const joined = pipeline(SLEEP, ["/does/not/exist"], SLEEP, { stdin: "ignore", stdout: "ignore", signal });
  await delay(20);
  controller.abort();
  assert.deepEqual(await outcomes(joined), ["SIGTERM", "ENOENT", "SIGTERM"]);
});

test("duplex() with a signal: when it is aborted both programs end", async () => {
  const controller = new AbortController();
  const joined = duplex(SLEEP, SLEEP, { signal: controller.signal });
  controller.abort();
  assert.deepEqual(await outcomes(joined), ["SIGTERM", "SIGTERM"]);
});

test("pipeline() that has ended does not listen to its signal any more", async () => {
  const { signal } = new AbortController();
  const events: string[] = [];
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...values: Parameters<typeof add>) => (events.push("add"), add(...values));
  signal.removeEventListener = (...values: Parameters<typeof remove>) => (events.push("remove"), remove(...values));
  await pipeline(["true"], { signal, stdout: "ignore" }).statuses;
  assert.deepEqual(events, ["add", "remove"]);
});

test("pipeline() with a signal that is aborted already throws its reason, and starts nothing", async () => {
  await using pair = socketpair();
  const reason = new Error("enough");
  const started = join(folder, "started");
  const options = { stdout: pair[1], signal: AbortSignal.abort(reason) };
  assert.throws(() => pipeline(["touch", started], ["cat"], options), reason);
  await works(pair);
  await delay(50);
  assert.equal(readdirSync(folder).includes("started"), false);
});

/** As one calls it from JavaScript. */
const call = pipeline as (...values: unknown[]) => unknown;

for (
  const [what, values, message] of [
    [
      "an unknown option",
      { stdou: "ignore" },
      'there is no option "stdou", only stdin, stdout, stderr, cwd, env, detached, signal',
    ],
    ["null as options", null, "its options must be an object, not null"],
    [
      "a word that is none",
      { stdout: "overlapped" },
      'stdout must be an end, a descriptor\'s number, an object with the number as fd, or one of inherit, ignore, pipe, not "overlapped"',
    ],
    [
      "a number that is none",
      { stdin: -1 },
      "stdin must be an end, a descriptor's number, an object with the number as fd, or one of inherit, ignore, pipe, not -1",
    ],
    [
      "null as stderr",
      { stderr: null },
      "stderr must be an end, a descriptor's number, an object with the number as fd, or one of inherit, ignore, not null",
    ],
    ["an environment that is none", { env: "A=1" }, 'its env must be an object, not "A=1"'],
    ["a signal that is none", { signal: {} }, "signal must be an AbortSignal, not an object of type Object"],
  ] as const
) {
  test(`pipeline() refuses ${what}, and starts nothing`, async () => {
    await using pair = socketpair();
    const given = values && { stdin: pair[1], ...values };
    const touch = ["touch", join(folder, "started")];
    assert.throws(() => call(touch, ["cat"], given), {
      name: "TypeError",
      message: `Cannot start a pipeline: ${message}`,
    });
    await works(pair);
    assert.equal(readdirSync(folder).includes("started"), false);
  });
}

for (
  const [what, values, message] of [
    ["no command", [], "it has no program"],
    ["options alone", [{}], "it has no program"],
    ["options that are not last", [{}, ["cat"]], "a command must be an array, not an object of type Object"],
    ["a command that is a string", [["true"], "cat", ["cat"]], 'a command must be an array, not "cat"'],
    ["an empty command", [["true"], []], "its program must be a string, not undefined"],
    ["an empty program", [["true"], [""]], "its program is an empty string"],
    ["an argument that is no string", [["true"], ["head", 1]], "an argument must be a string, not 1"],
  ] as [string, unknown[], string][]
) {
  test(`pipeline() refuses ${what}`, () => {
    assert.throws(() => call(...values), { name: "TypeError", message: `Cannot start a pipeline: ${message}` });
  });
}

test("pipeline() refuses an end as its options, which it could only lose", async () => {
  await using pair = socketpair();
  const message = "Cannot start a pipeline: its options must be an object, not an end";
  assert.throws(() => call(["cat"], pair[1]), { name: "TypeError", message });
  await works(pair);
});

test("pipeline() that the runtime refuses leaves the ends as they are", async () => {
  await using pair = socketpair();
  assert.throws(() => call(["true"], ["true"], { cwd: 5, stdin: pair[1], stderr: pair[1] }), TypeError);
  await works(pair);
});

test("duplex() refuses an unknown option", () => {
  const message = 'Cannot join two programs: there is no option "stdin", only stderr, cwd, env, detached, signal';
  const misuse = { stdin: "ignore", cwd: "/" };
  assert.throws(() => duplex(["true"], ["true"], misuse), { name: "TypeError", message });
});
