/** The package that `npm pack` makes, installed into an empty project. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after } from "node:test";
import { assert, onlyOn, type Outcome, run, runtime, test } from "../_support.ts";
import { ROOT } from "./_package.ts";

/** What a user does first: two ends here, one in a Worker that waits, one in a child process. */
const PROGRAM = `
import process from "node:process";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { SocketEnd, socketpair } from "@socketpair/streams";
import { spawn } from "@socketpair/streams/process";

const text = (bytes) => new TextDecoder().decode(bytes);
const bytes = (text) => new TextEncoder().encode(text);

async function echo(end, name) {
  for await (const record of end.readable) await end.write(bytes(name + " " + text(record)));
  await end.close();
}

async function ask(end) {
  await new Promise((resolve) => setTimeout(resolve, 50)); // the other waits by now
  await end.write(bytes("there and back"));
  await end.closeWrite();
  for await (const record of end.readable) console.log(text(record));
}

if (!isMainThread) await echo(SocketEnd.from(workerData), "worker");
else if (process.argv[2] === "child") await echo(SocketEnd.inherited("parent"), "child");
else {
  const [left, right] = socketpair({ type: "seqpacket" });
  await Promise.all([echo(right, "pair"), ask(left)]);
  const [here, there] = socketpair({ type: "seqpacket" });
  const worker = new Worker(new URL(import.meta.url), { workerData: there.transfer() });
  await Promise.all([new Promise((resolve) => worker.once("exit", resolve)), ask(here)]);
  const [ours, theirs] = socketpair({ type: "seqpacket" });
  const command = ["Deno" in globalThis ? ["run", "-A"] : [], process.argv[1], "child"].flat();
  const stdio = ["ignore", "inherit", "inherit", theirs];
  const child = spawn(process.execPath, command, { stdio, names: { 3: "parent" } });
  await Promise.all([new Promise((resolve) => child.once("exit", resolve)), ask(ours)]);
}
`;

const REQUIRED = `
const { socketpair } = require("@socketpair/streams");
const { spawn } = require("@socketpair/streams/process");
const { AF_UNIX } = require("@socketpair/streams/ffi");
const [left, right] = socketpair({ type: "seqpacket" });
left.write(new Uint8Array(3)).then(() => right.read(new Uint8Array(8))).then((length) => {
  console.log(length, typeof spawn, AF_UNIX);
  left[Symbol.dispose]();
  right[Symbol.dispose]();
});
`;

/** What is public and has another name, and the stack of an error. */
const NAMED = `
import * as streams from "@socketpair/streams";
import * as programs from "@socketpair/streams/process";
import * as ffi from "@socketpair/streams/ffi";

const named = [streams, programs, ffi].flatMap(Object.entries).filter(([, value]) => typeof value === "function");
const wrong = named.filter(([name, value]) => name !== value.name).map(([name, value]) => name + " is " + value.name);
try {
  streams.socketpair({ type: "none" });
} catch ({ stack }) {
  console.log(JSON.stringify({ count: named.length, wrong, stack }));
}
`;

const folder = mkdtempSync(join(tmpdir(), "socketpair-package-"));
after(() => rmSync(folder, { recursive: true }));

/** Runs a program that must not fail. */
async function must(program: string, args: string[], cwd = folder): Promise<Outcome> {
  const outcome = await run(program, args, { cwd, timeout: 60_000 });
  assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
  return outcome;
}

let installed: Promise<void> | undefined;

/** Packs the package, and installs it without a network. */
function install(): Promise<void> {
  return installed ??= (async () => {
    await must("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], ROOT);
    const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
    writeFileSync(join(folder, "package.json"), "{}");
    await must("npm", ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", `./${tarball}`]);
    writeFileSync(join(folder, "program.mjs"), PROGRAM);
    writeFileSync(join(folder, "required.cjs"), REQUIRED);
    writeFileSync(join(folder, "named.mjs"), NAMED);
  })();
}

/** Runs a file of the project in this runtime. */
function runHere(file: string): Promise<Outcome> {
  return must(process.execPath, [...(runtime === "deno" ? ["run", "-A"] : []), join(folder, file)]);
}

const ANSWERS = "pair there and back\nworker there and back\nchild there and back\n";
const SLOW = { timeout: 120_000 };
/** What no runtime has a part in. */
const ONCE = { ...SLOW, skip: onlyOn("node") };

test("the package has what a user needs, and what the README links to: no sources, no tests", async () => {
  await install();
  const root = join(folder, "node_modules/@socketpair/streams");
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = files.map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1));
  for (
    const name of [
      "README.md",
      "CHANGELOG.md",
      "LICENSE",
      "SECURITY.md",
      "docs/guide.md",
      "docs/pair.svg",
      "package.json",
      "dist/mod.js",
      "dist/mod.d.ts",
    ]
  ) {
    assert.ok(names.includes(name), name);
  }
  const others = names.filter((name) =>
    !/^dist\/.*(\.d\.ts|\.js)$|^[A-Z]+(\.md)?$|^package\.json$|^docs\/|^examples\/|^bench\/results\//.test(name)
  );
  assert.deepEqual(others, []);
}, ONCE);

test("the declarations of the package name only files that are there", async () => {
  await install();
  const dist = join(folder, "node_modules/@socketpair/streams/dist");
  const names = readdirSync(dist, { recursive: true }).map(String);
  for (const name of names.filter((name) => name.endsWith(".d.ts"))) {
    for (const [, target] of readFileSync(join(dist, name), "utf8").matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)) {
      const declared = join(name, "..", target!).replace(/\.js$/, ".d.ts");
      assert.ok(names.includes(declared), `${name} names ${target}`);
    }
  }
}, ONCE);

test("what is public in the package has its own name, also in a stack, which names lines of the package", async () => {
  await install();
  const { count, wrong, stack } = JSON.parse((await runHere("named.mjs")).stdout);
  assert.deepEqual([count > 15, wrong], [true, []]);
  assert.match(stack, /\bsocketpair[ @]/);
  const [, file, line] = /([^\s(]*dist\/shared\/\w+\.js):(\d+):\d+/.exec(stack)!;
  const path = file!.replace(/^.*file:\/\//, "");
  assert.match(readFileSync(path, "utf8").split("\n")[Number(line) - 1]!, /throw new TypeError\(/, stack);
}, SLOW);

test("the package works: a pair, a Worker that waits, a child process", async () => {
  await install();
  assert.equal((await runHere("program.mjs")).stdout, ANSWERS);
}, SLOW);

test("the package can be required", async () => {
  await install();
  assert.equal((await runHere("required.cjs")).stdout, "3 function 1\n");
}, SLOW);

test("the package works when esbuild has bundled it", async () => {
  await install();
  const options = ["--bundle", "--platform=node", "--format=esm", "--outfile=esbuild.mjs", "--log-level=error"];
  await must(join(ROOT, "node_modules/.bin/esbuild"), ["program.mjs", ...options]);
  assert.equal((await runHere("esbuild.mjs")).stdout, ANSWERS);
}, SLOW);

test("the package works when `bun build` has bundled it", async () => {
  await install();
  const options = [`--target=${runtime === "bun" ? "bun" : "node"}`, "--outfile=bun.mjs"];
  await must(join(ROOT, "node_modules/.bin/bun"), ["build", "program.mjs", ...options]);
  assert.equal((await runHere("bun.mjs")).stdout, ANSWERS);
}, SLOW);

test("tests import the sources by path, so that none is run on an old package", () => {
  const byName = readdirSync(join(ROOT, "tests"), { recursive: true }).map(String)
    .filter((name) => name.endsWith(".ts") && !name.endsWith("docs/package_test.ts"))
    .filter((name) => /^(import|export|\}).* from "@socketpair/m.test(readFileSync(join(ROOT, "tests", name), "utf8")));
  assert.deepEqual(byName, []);
}, ONCE);

test("package.json and deno.json have the same version", () => {
  const version = (name: string) => JSON.parse(readFileSync(join(ROOT, name), "utf8")).version;
  assert.equal(version("package.json"), version("deno.json"));
}, ONCE);
