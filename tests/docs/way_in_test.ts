/**
 * The README's way in, as it is written: its lines in empty folders, its files under their names, and what its comments say is
 * printed. The checkout is a copy of this one, without `node_modules`, as a clone is.
 */

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { after } from "node:test";
import { assert, onlyOn, type Outcome, run, runtime, test } from "../_support.ts";
import { ROOT } from "./_package.ts";

const README = readFileSync(join(ROOT, "README.md"), "utf8");
const BIN = join(ROOT, "node_modules/.bin");
const NAMES = { deno: "Deno", bun: "Bun", node: "Node" };
const PACK = "npm ci && npm pack";
const SLOW = { timeout: 120_000 };
/** What no runtime has a part in. */
const ONCE = { ...SLOW, skip: onlyOn("node") };
/** Without what npm tells the commands that it runs: another npm would take that for its own settings. */
const ENV = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))),
  PATH: `${BIN}:${process.env["PATH"]}`,
  npm_config_offline: "true",
  npm_config_audit: "false",
  npm_config_update_notifier: "false",
};

/** What the table of "Install and run" says for a runtime: how it is installed until 1.0, and how a program is run. */
function lines(name: string): { install: string; start: string } {
  const row = README.split("\n").find((line) => line.startsWith(`| ${name} `) && line.includes("main.mts"))!;
  const [, , install, , start] = row.split("|").map((cell) => cell.trim().replaceAll("`", ""));
  return { install: install!, start: start! };
}

/** The README's files: each block that begins with its name, the programs `main.mts` in the order in which they stand there. */
const FILES = [...README.matchAll(/^```(?:ts|python)\n((?:\/\/|#) (\w+\.(?:mts|py))\b[^]*?)^```$/gm)]
  .map(([, code, name]) => ({ name: name!, code: code! }));
const MAINS = FILES.filter(({ name }) => name === "main.mts").map(({ code }) => code);

const root = mkdtempSync(join(tmpdir(), "socketpair-way-in-"));
after(() => rmSync(root, { recursive: true }));
const checkout = join(root, "streams");

const sh = (line: string, cwd: string): Promise<Outcome> => run("sh", ["-c", line], { cwd, env: ENV, timeout: 60_000 });

async function must(line: string, cwd: string): Promise<Outcome> {
  const outcome = await sh(line, cwd);
  assert.equal(outcome.code, 0, `${line}: ${outcome.stdout}${outcome.stderr}`);
  return outcome;
}

/** Copies what a clone has. */
function clone(folder: string): void {
  const listed = spawnSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: ROOT, encoding: "utf8" });
  for (const file of listed.stdout.trim().split("\n").filter((name) => existsSync(join(ROOT, name)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
}

let packed: Promise<void> | undefined;

/** Does in the checkout what the README says; `npm ci`, which needs a registry, is what this repository has done already. */
function pack(): Promise<void> {
  return packed ??= (async () => {
    clone(checkout);
    symlinkSync(join(ROOT, "node_modules"), join(checkout, "node_modules"));
    await must(PACK.replace("npm ci && ", ""), checkout);
  })();
}

const noGit = spawnSync("git", ["ls-files", "mod.ts"], { cwd: ROOT, encoding: "utf8" }).stdout !== "mod.ts\n" &&
  "this is no checkout of git";
const noPython = spawnSync("python3", ["--version"]).error !== undefined && "python3 is not installed";

test("the README says how to make the package, and has two programs and what is on their other ends", () => {
  assert.ok(README.includes(`\`${PACK}\``));
  assert.deepEqual(FILES.map(({ name }) => name), ["main.mts", "helper.py", "main.mts", "worker.mts"]);
}, ONCE);

for (const [index, main] of MAINS.entries()) {
  test(`the README's way in: installed and run by its lines, program ${index + 1} prints what it says`, async () => {
    const { install, start } = lines(NAMES[runtime]);
    const folder = join(root, `${runtime}-${index}`);
    mkdirSync(folder);
    if (install === "the checkout is enough") clone(checkout);
    else {
      await pack();
      const { stdout, stderr } = await must(install, folder);
      assert.doesNotMatch(stdout + stderr, /\bwarn/i);
    }
    for (const { name, code } of FILES) writeFileSync(join(folder, name), name === "main.mts" ? main : code);
    const { stdout, stderr } = await must(start, folder);
    const promised = [...main.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map(([, comment]) => `${comment}\n`);
    assert.deepEqual([stdout, stderr], [promised.join(""), ""]);
  }, { ...SLOW, skip: noGit || noPython });
}

test("the README's program with a Worker fails, and waits for nothing, when the Worker is terminated", async () => {
  clone(checkout);
  const folder = join(checkout, "examples", runtime);
  mkdirSync(folder);
  for (const { name, code } of FILES) writeFileSync(join(folder, name), code);
  const early = MAINS[1]!.replace(/^await ours\.closeWrite.*$/m, "setTimeout(() => worker.terminate(), 500);");
  assert.notEqual(early, MAINS[1]);
  writeFileSync(join(folder, "main.mts"), early.replaceAll("@socketpair/streams", join(checkout, "mod.ts")));
  writeFileSync(join(folder, "worker.mts"), FILES[3]!.code.replaceAll("@socketpair/streams", join(checkout, "mod.ts")));
  const { code, stderr } = await sh(`${process.execPath} ${runtime === "deno" ? "run -A" : ""} main.mts`, folder);
  assert.notEqual(code, 0);
  assert.match(stderr, /The Worker has died/);
}, { ...SLOW, skip: noGit });

test("npm pack in a clone without npm ci says what to do, in one line of its own", async () => {
  const folder = join(root, "fresh");
  clone(folder);
  const { code, stderr } = await sh("npm pack", folder);
  assert.notEqual(code, 0);
  const ours = stderr.split("\n").filter((line) => !line.startsWith("npm "));
  assert.match(ours.join("\n").trim(), /^Cannot build the package: .*run `npm ci` in the repository$/);
}, { ...ONCE, skip: ONCE.skip || noGit });

/** A Node that is too old for the package, and new enough to work on it. */
const older = ["/usr/bin/node", "/usr/local/bin/node"].find((path) => {
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
  return stdout && Number(stdout.slice(1).split(".")[0]) < 26;
});
const npm = older && ["npm", "../lib/node_modules/npm/bin/npm-cli.js"].map((name) => join(dirname(older), name))
  .find((path) => existsSync(path));

test("npm ci warns of nothing under an older Node: engines are for users of the package", async () => {
  const folder = join(root, "engines");
  clone(folder);
  const line = `"${older}" "${npm}" ci --dry-run --ignore-scripts`;
  assert.doesNotMatch((await must(line, folder)).stderr, /EBADENGINE|warn/i);
  rmSync(join(folder, "package.json"));
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ ...manifest, devEngines: undefined }));
  assert.match((await must(line, folder)).stderr, /EBADENGINE/); // without that, npm would
}, { ...ONCE, skip: ONCE.skip || noGit || (!npm && "no older Node with its npm is installed") });

test("the links of the README and of the guide lead to files of the package too", async () => {
  await pack();
  const listed = await must("npm pack --dry-run --json --ignore-scripts", checkout);
  const files = JSON.parse(listed.stdout)[0].files.map(({ path }: { path: string }) => path);
  for (const page of ["README.md", "docs/guide.md"]) {
    const links = readFileSync(join(ROOT, page), "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g);
    const targets = [...links].map(([, target]) => join(dirname(page), target!));
    assert.deepEqual(targets.filter((target) => !files.includes(target)), [], page);
  }
}, { ...ONCE, skip: ONCE.skip || noGit });
