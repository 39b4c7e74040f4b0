import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { LIBC_PATHS } from "../../ffi/systems/linux.ts";
import { assert, musl, type Outcome, run, runtime, test } from "../_support.ts";

const SCRIPT = fileURLToPath(new URL("../stress/faults/permissions.ts", import.meta.url));
const ARCH = process.arch === "arm64" ? "aarch64" : "x86_64";
const PLACES = LIBC_PATHS[musl ? "musl" : "gnu"].filter((path) => (/x86_64|aarch64/.exec(path)?.[0] ?? ARCH) === ARCH);
const HINT = "Error: Cannot open the C library: run with --allow-ffi, or with --allow-ffi=";
const NO_PERMISSION = `${HINT}${PLACES}`;
/** Three reads: what is there, what keeps the process alive while it is waited for, and what does not. */
const READ = "read 3";

const onDeno = runtime !== "deno" && "about Deno's permissions";
const onNode = runtime !== "node" && "about Node's permissions";
const paths = LIBC_PATHS[musl ? "musl" : "gnu"].filter(existsSync);

// By way of the environment: Deno's node:child_process adds -A wherever it sees its own path among the arguments.
const ENV = { ...process.env, PROGRAM: process.execPath };

function runScript(flags: string[], variables: Record<string, string> = {}, cwd?: string): Promise<Outcome> {
  const command = runtime === "deno" ? ["run", "--no-check"] : ["--disable-warning=ExperimentalWarning"];
  const args = ["-c", 'exec "$PROGRAM" "$@"', "sh", ...command, ...flags, SCRIPT];
  return run("sh", args, { env: { ...ENV, ...variables }, cwd });
}

/** Expects that the script prints this, and nothing asks for anything: a prompt would be on stderr. */
async function prints(expected: string, flags: string[], variables?: Record<string, string>): Promise<void> {
  const { code, stdout, stderr } = await runScript(flags, variables);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: `${expected}\n` }, stderr);
  if (runtime === "deno") assert.equal(stderr, "");
}

test("Deno with --allow-ffi alone runs all of it", () => prints(READ, ["--allow-ffi"]), { skip: onDeno });

// Deno lets a path be opened but its memory not be looked at: https://github.com/denoland/deno/issues/15511
for (const path of paths) {
  test(`Deno with --allow-ffi=${path} alone runs all of it`, () => prints(READ, [`--allow-ffi=${path}`]), {
    skip: onDeno,
  });
}

for (const flags of [[], ["--no-prompt"], ["--deny-ffi"], ["--allow-ffi=/nonexistent/libc.so.6"]]) {
  test(`Deno with ${flags.join() || "no permission"} gives one error that names the flag`, async () => {
    await prints(NO_PERMISSION, flags);
  }, { skip: onDeno });
}

test("Deno without permission names the file to allow where files may be looked at", async () => {
  await prints(`${HINT}${paths[0]}`, ["--allow-read"]);
}, { skip: onDeno });

test("Deno without permission names what SOCKETPAIR_LIBC does", async () => {
  await prints(`${HINT}/opt/libc.so.6`, ["--allow-env"], { SOCKETPAIR_LIBC: "/opt/libc.so.6" });
}, { skip: onDeno });

test("Deno with the flag that the error names runs all of it", async () => {
  await prints(READ, [NO_PERMISSION.slice(NO_PERMISSION.lastIndexOf("--allow-ffi="))]);
}, { skip: onDeno });

test("Deno with permission for a folder does not open a file there that is named as the C library", async () => {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
  writeFileSync(join(folder, "libc.so.6"), "another library");
  try {
    for (const allowed of [folder, "libc.so.6", "."]) {
      const { stdout, stderr } = await runScript([`--allow-ffi=${allowed}`], {}, folder);
      assert.equal(stdout, `${NO_PERMISSION}\n`, stderr);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}, { skip: onDeno });

test("Deno does not open a C library that is not its own", async () => {
  for (const path of LIBC_PATHS[musl ? "gnu" : "musl"]) await prints(NO_PERMISSION, [`--allow-ffi=${path}`]);
}, { skip: onDeno });

const noTerminal = spawnSync("script", ["--version"]).error !== undefined && "script(1) is not installed";

test("Deno without permission does not prompt at a terminal either", async () => {
  const args = ["-qefc", `"$PROGRAM" run --no-check '${SCRIPT}'`, "/dev/null"];
  const { code, stdout } = await run("script", args, { env: ENV });
  assert.deepEqual({ code, stdout }, { code: 0, stdout: `${NO_PERMISSION}\r\n` });
}, { skip: onDeno || noTerminal });

test("Deno without --allow-env does not look at SOCKETPAIR_LIBC, and does not ask to", async () => {
  await prints(READ, ["--allow-ffi"], { SOCKETPAIR_LIBC: "/nonexistent" });
}, { skip: onDeno });

test("Deno with --allow-env=SOCKETPAIR_LIBC looks at it", async () => {
  const expected = "Error: Cannot open the C library: tried /nonexistent";
  await prints(expected, ["--allow-ffi", "--allow-env=SOCKETPAIR_LIBC"], { SOCKETPAIR_LIBC: "/nonexistent" });
}, { skip: onDeno });

// The program and the module are there, and Node reads them.
const PERMISSION = ["--permission", `--allow-fs-read=${fileURLToPath(new URL("../..", import.meta.url))}`];

test("Node with --permission and --allow-ffi runs all of it", () => prints(READ, [...PERMISSION, "--allow-ffi"]), {
  skip: onNode,
});

test("Node with --permission and without --allow-ffi gives one error that names the flag", async () => {
  const { code, stdout, stderr } = await runScript(PERMISSION);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Error: Cannot open the C library: .*--allow-ffi/);
}, { skip: onNode });
