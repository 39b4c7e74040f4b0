/** What inherited() has adopted is given out once in the whole process, and a number is believed only with proof. */

import { spawn as plain } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { SocketEnd, socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { assert, commandFor, runtime, test } from "../_support.ts";
import { missing } from "../peers/_child.ts";
import { LAUNCHER, printedBy } from "./_programs.ts";

const [PROGRAM, ARGS] = commandFor("tests/process/asking.ts");
const ENV = { ...process.env, NODE_NO_WARNINGS: "1" };

/** What a child answers that has two ends as 3 and 4, "one" and "two". */
async function answers(...questions: string[]): Promise<string[]> {
  await using first = socketpair();
  await using second = socketpair();
  const child = spawn(PROGRAM, [...ARGS, ...questions], {
    stdio: ["ignore", "pipe", "inherit", first[1], second[1]],
    names: { 3: "one", 4: "two" },
    env: ENV,
  });
  return (await printedBy(child)).trimEnd().split("\n");
}

const NONE = "TypeError ERR_NOT_INHERITED: Cannot inherit an end: SOCKETPAIR_FDS is not set, or may not be read " +
  "(Deno: --allow-env)";
const ELSEWHERE = "was adopted before, by another thread or a parent process";

test("inherited() leaves nothing in the environment when all is adopted", async () => {
  const variables = ["SOCKETPAIR_FDS", "SOCKETPAIR_FDNAMES", "SOCKETPAIR_FDCOOKIES"].map((name) => `env:${name}`);
  const found = await answers("here:one", "here:two", ...variables, "worker:-", "program:two");
  assert.deepEqual(found, ["descriptor 3", "descriptor 4", "undefined", "undefined", "undefined", NONE, NONE]);
});

test("inherited() does not take the next one for the first, here, in a Worker or in a later program", async () => {
  const found = await answers("here:-", "here:-", "env:SOCKETPAIR_FDS", "worker:-", "program:one", "here:two");
  assert.deepEqual(found, [
    "descriptor 3",
    "TypeError : Cannot inherit an end: descriptor 3 was adopted before",
    ":4",
    `TypeError ERR_NOT_INHERITED: Cannot inherit an end: the first ${ELSEWHERE}`,
    `TypeError ERR_NOT_INHERITED: Cannot inherit an end: the one of the name "one" ${ELSEWHERE}`,
    "descriptor 4",
  ]);
});

test("inherited() in a Worker finds what the main thread has not adopted", async () => {
  assert.deepEqual(await answers("here:one", "worker:two"), ["descriptor 3", "descriptor 4"]);
});

test("inherited() in a program that has the very socket adopts it: a number that was passed on", async () => {
  assert.deepEqual(await answers("program:two"), ["descriptor 4"]);
});

const python = { skip: missing("python3") };

/** The same where Python gives two sockets as systemd does. */
async function launched(...questions: string[]): Promise<string[]> {
  const args = ["-c", LAUNCHER, "own", "2", "one:two", PROGRAM, ...ARGS, ...questions];
  const child = plain("python3", args, { env: ENV, stdio: ["ignore", "pipe", "inherit"] });
  return (await printedBy(child)).trimEnd().split("\n");
}

test("inherited() takes what systemd gave out of the environment when all is adopted", async () => {
  const variables = ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "SOCKETPAIR_FDS"].map((name) => `env:${name}`);
  const found = await launched("here:two", "here:one", ...variables, "worker:-");
  const gone = variables.map(() => "undefined");
  assert.deepEqual(found, ["descriptor 4", "descriptor 3", ...gone, NONE]);
}, python);

test("inherited() keeps the places of what systemd gave, with proof, when a part is adopted", async () => {
  const found = await launched("here:-", "env:LISTEN_FDS", "env:SOCKETPAIR_FDS", "worker:-", "worker:two");
  assert.deepEqual(found, [
    "descriptor 3",
    "undefined",
    ":4",
    `TypeError ERR_NOT_INHERITED: Cannot inherit an end: the first ${ELSEWHERE}`,
    "descriptor 4",
  ]);
}, python);

/** What this process is told. */
function tell(variables: Record<string, string>): Disposable {
  Object.assign(process.env, variables);
  return { [Symbol.dispose]: () => Object.keys(variables).forEach((name) => delete process.env[name]) };
}

test("inherited() refuses another socket that has the number by now, and does not touch it", async () => {
  await using pair = socketpair();
  const { fd } = pair[1].detach();
  using _ = tell({ SOCKETPAIR_FDS: `${fd}`, SOCKETPAIR_FDCOOKIES: "1" });
  assert.throws(() => SocketEnd.inherited(), {
    name: "TypeError",
    message:
      `Cannot inherit descriptor ${fd}: it is another socket than the one that SOCKETPAIR_FDS names, which a program in ` +
      "between (node --watch, fork()) has not passed on",
  });
  await using end = SocketEnd.from(fd);
  await end.write(new Uint8Array(3));
  assert.equal(await pair[0].read(new Uint8Array(9)), 3);
});

test("inherited() adopts a number that was set by hand, without proof, again and again", async () => {
  for (let time = 0; time < 2; time += 1) {
    await using pair = socketpair();
    using _ = tell({ SOCKETPAIR_FDS: `${pair[1].detach().fd}` });
    await using end = SocketEnd.inherited();
    assert.equal(process.env["SOCKETPAIR_FDS"], undefined);
    assert.equal(end.type, "stream");
  }
});

const WATCH = { deno: ["run", "-A", "--no-check", "--watch"], bun: ["--watch"], node: ["--watch"] }[runtime];

test(`inherited() under ${runtime} --watch gets the end of the parent, or is told that the number is another socket`, async () => {
  const [ours, theirs] = socketpair();
  const child = spawn(PROGRAM, [...WATCH, ARGS.at(-1)!, "here:-"], {
    stdio: ["ignore", "pipe", "ignore", theirs],
    env: ENV,
    detached: true,
  });
  const [printed] = await once(child.stdout as never, "data") as [Uint8Array];
  const expected = runtime === "node"
    ? /^TypeError : Cannot inherit descriptor 3: it is another socket /
    : /^descriptor 3\n/;
  assert.match(new TextDecoder().decode(printed), expected);
  const ended = once(child as never, "exit");
  process.kill(-child.pid!, "SIGKILL");
  await ended;
  await ours.close();
});

test("inherited() in a child that fork() has started is told that the number is another socket, or is not open", async () => {
  const [ours, theirs] = socketpair();
  const script = `const child = require("node:child_process").fork(${JSON.stringify(ARGS.at(-1))}, ["here:-"]);
    child.on("exit", (code) => process.exit(code));`;
  const [node] = commandFor("tests/process/asking.ts", "node");
  const child = spawn(node, ["-e", script], { stdio: ["ignore", "pipe", "inherit", theirs], env: ENV });
  assert.match(await printedBy(child), /^TypeError : Cannot inherit descriptor 3: it is another socket /);
  await ours.close();
});
