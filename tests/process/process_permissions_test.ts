/** Which permissions `./process` and inherited() need, and that they need no more. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { socketpair } from "../../mod.ts";
import { spawn } from "../../process/mod.ts";
import { assert, type Outcome, run, runtime, test } from "../_support.ts";
import { missing } from "../peers/_child.ts";
import { LAUNCHER, printedBy } from "./_programs.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SCRIPT = join(ROOT, "tests/process/permitted.ts");
const onDeno = { skip: runtime !== "deno" && "about Deno's permissions" };
const onNode = { skip: runtime !== "node" && "about Node's permissions" };

// By way of the environment: Deno's node:child_process adds -A wherever it sees its own path among the arguments.
const { LD_PRELOAD: _preload, LD_LIBRARY_PATH: _path, ...ENV } = process.env;
const COMMAND = ["-c", 'exec "$PROGRAM" "$@"', "sh"];
const RUN = runtime === "deno" ? ["run", "--no-check", "--no-prompt"] : ["--no-warnings"];

function runWith(flags: readonly string[], rest: readonly string[], env = {}): Promise<Outcome> {
  return run("sh", [...COMMAND, ...RUN, ...flags, ...rest], { env: { ...ENV, PROGRAM: process.execPath, ...env } });
}

/** Expects that the script prints something like this when it does that. */
async function prints(act: string, flags: readonly string[], expected: RegExp, env = {}): Promise<void> {
  const { code, stdout, stderr } = await runWith(flags, [SCRIPT, act], env);
  assert.equal(code, 0, stderr);
  assert.match(stdout.trim(), expected);
}

const ENOUGH = ["--allow-ffi", "--allow-env", "--allow-run=echo,cat"];

for (
  const [act, flags, expected, env] of [
    ["spawn", ENOUGH, /^started$/],
    ["pipeline", ENOUGH, /^joined$/],
    ["spawn with env", ["--allow-ffi", "--allow-env=NODE_V8_COVERAGE", "--allow-run=echo"], /^started$/],
    ["spawn", ["--allow-env", "--allow-run"], /^Error: Cannot open the C library: run with --allow-ffi/],
    ["spawn", ["--allow-ffi", "--allow-run"], /^NotCapable: Requires env access/],
    ["spawn", ["--allow-ffi", "--allow-env"], /^Requires run access to "echo"/],
    ["pipeline", ["--allow-ffi", "--allow-env", "--allow-run=echo"], /^Requires run access to "cat"/],
    ["spawn", ENOUGH, /^Requires --allow-run permissions to spawn subprocess with LD_LIBRARY_PATH/, {
      LD_LIBRARY_PATH: "/x",
    }],
    ["spawn", ["--allow-ffi", "--allow-env", "--allow-run"], /^started$/, { LD_LIBRARY_PATH: "/x" }],
    ["detached", ["--allow-ffi", "--allow-env", "--allow-run=sleep"], /^true SIGTERM$/],
    ["inherited", ["--allow-ffi"], /may not be read \(Deno: --allow-env\)$/, { SOCKETPAIR_FDS: "977" }],
  ] as [string, string[], RegExp, Record<string, string>?][]
) {
  const where = env === undefined ? "" : `, ${Object.keys(env).join()} set`;
  test(`${act} in Deno with ${flags.join(" ")}${where}: ${expected.source}`, async () => {
    await prints(act, flags, expected, env);
  }, onDeno);
}

test("inherited() in Deno needs no more of the environment than the variables it reads", async () => {
  const [ours, theirs] = socketpair();
  const flags = ["--allow-ffi", "--allow-env=SOCKETPAIR_FDS,SOCKETPAIR_FDNAMES,SOCKETPAIR_FDCOOKIES"];
  const child = spawn("sh", [...COMMAND, ...RUN, ...flags, SCRIPT, "inherited"], {
    stdio: ["ignore", "pipe", "inherit", theirs],
    env: { ...ENV, PROGRAM: process.execPath },
  });
  assert.equal(await printedBy(child), "descriptor 3\n");
  await ours.close();
}, onDeno);

test("inherited() in Deno that may not change what systemd says remembers what it has adopted", async () => {
  const flags = ["--allow-ffi", "--allow-env=LISTEN_FDS,LISTEN_PID,LISTEN_FDNAMES"];
  const args = ["-c", LAUNCHER, "own", "2", "one:two", process.execPath, ...RUN, ...flags, SCRIPT, "inherited twice"];
  const { code, stdout, stderr } = await run("python3", args, { env: ENV });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "3,Cannot inherit an end: descriptor 3 was adopted before,4\n");
}, { skip: onDeno.skip || missing("python3") });

const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
after(() => rmSync(folder, { recursive: true }));

for (const name of readdirSync(join(ROOT, "process")).sort()) {
  const source = readFileSync(join(ROOT, "process", name), "utf8");
  for (const [index, [, block]] of [...source.matchAll(/^ \* ```ts\n([^]*?)^ \* ```$/gm)].entries()) {
    const code = block!.replaceAll(/^ \* ?/gm, "");
    const words = [...code.matchAll(/(?:\[|spawn\()"([a-z0-9]+)"/g)].map(([, word]) => word!);
    const programs = [...new Set(words)].filter((word) => word !== "ignore");
    const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, line]) =>
      line!.replaceAll(" ", "")
    );
    const flags = ["--allow-ffi", "--allow-env", `--allow-run=${programs}`];
    test(`snippet ${index} of process/${name} needs in Deno ${flags.join(" ")}`, async () => {
      const file = join(folder, `${index}-${name}`);
      writeFileSync(file, code);
      const { code: exit, stdout, stderr } = await runWith(["--config", join(ROOT, "deno.json"), ...flags], [file]);
      assert.equal(exit, 0, stderr);
      const printed = stdout.replaceAll(" ", "").split("\n");
      assert.deepEqual(promised.filter((line) => !printed.includes(line)), [], stdout);
      assert.ok(promised.length > 0);
    }, onDeno);
  }
}

const PERMISSION = ["--permission", "--allow-fs-read=*", "--allow-ffi"];

for (
  const [act, flags, expected] of [
    ["spawn", [...PERMISSION, "--allow-child-process"], /^started$/],
    ["pipeline", [...PERMISSION, "--allow-child-process"], /^joined$/],
    ["spawn", PERMISSION, /--allow-child-process/],
  ] as [string, string[], RegExp][]
) {
  test(`${act} in Node with ${flags.join(" ")}: ${expected.source}`, () => prints(act, flags, expected), onNode);
}
