import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { LIBC_PATHS } from "../../ffi/systems/linux.ts";
import { assert, commandFor, musl, run, runScript, runtime, test } from "../_support.ts";

const path = LIBC_PATHS[musl ? "musl" : "gnu"].find(existsSync) ?? "libc.so.6";
const NOT_OPEN = "SocketError: Cannot adopt descriptor 1000000: it is not open (EBADF)";
const WORKS = ["works", "works", NOT_OPEN];

/** What a child prints, line by line: each step that fails, then a pair, a pair of streams and an adoption. */
async function lines(steps: string[], env: Record<string, string> = {}): Promise<string[]> {
  const { code, stdout, stderr } = await runScript("tests/stress/faults/libc.ts", steps, {
    env: { ...process.env, ...env },
  });
  assert.equal(code, 0, stderr);
  return stdout.trimEnd().split("\n");
}

const notFound = (tried: string) => `Error: Cannot open the C library: tried ${tried} <- its cause`;

test("useLibc() opens the library at a path", async () => {
  assert.deepEqual(await lines([`use=${path}`]), WORKS);
});

test("useLibc() of a path where there is nothing makes every call fail with one error that names it", async () => {
  assert.deepEqual(await lines(["use=/nonexistent/libc.so"]), Array(3).fill(notFound("/nonexistent/libc.so")));
});

test("useLibc() of a file that is no library makes every call fail with one error that names it", async () => {
  const file = fileURLToPath(new URL("../../package.json", import.meta.url));
  assert.deepEqual(await lines([`use=${file}`]), Array(3).fill(notFound(file)));
});

test("useLibc() after a wrong path has failed works", async () => {
  assert.deepEqual(await lines(["use=/nonexistent", "try", `use=${path}`]), [notFound("/nonexistent"), ...WORKS]);
});

test("useLibc() after the library was opened throws, and changes nothing", async () => {
  const refusal = "Error: Cannot choose the C library: this thread has opened one already";
  assert.deepEqual(await lines(["try", "use=/nonexistent"]), ["works", refusal, ...WORKS]);
});

test("SOCKETPAIR_LIBC names the library from outside", async () => {
  assert.deepEqual(await lines([], { SOCKETPAIR_LIBC: path }), WORKS);
  assert.deepEqual(await lines([], { SOCKETPAIR_LIBC: "/nonexistent" }), Array(3).fill(notFound("/nonexistent")));
});

test("SOCKETPAIR_LIBC that is empty counts as not set", async () => {
  assert.deepEqual(await lines([], { SOCKETPAIR_LIBC: "" }), WORKS);
});

test("useLibc() goes before SOCKETPAIR_LIBC", async () => {
  assert.deepEqual(await lines([`use=${path}`], { SOCKETPAIR_LIBC: "/nonexistent" }), WORKS);
});

test("a system that is not supported gives one clear error at the call, not at the import", async () => {
  const refusal = "Error: Cannot call the C library: darwin is not supported, only linux is";
  assert.deepEqual(await lines(["platform=darwin"]), [refusal, refusal, refusal]);
});

const unsupported = (name: string) =>
  `Error: Cannot call the C library: ${name} is not supported, only Deno, Bun and Node 26 (node:ffi) are`;
const skip = runtime === "bun" && "Bun cannot be made to look like another runtime";

for (
  const [what, step, name] of [
    ["without node:ffi", "runtime", `Node ${process.versions.node}`],
    ["without process", "browser", navigator.userAgent],
  ] as const
) {
  test(`a runtime ${what} gives one clear error at the call, not at the import`, async () => {
    assert.deepEqual(await lines([step]), Array(3).fill(unsupported(name)));
  }, { skip });
}

/** A Node of the system's that has no `node:ffi`. */
const olderNode = ["/usr/local/bin/node", "/usr/bin/node"].find((program) => {
  const { stdout } = spawnSync(program, ["-p", "Number(process.versions.node.split('.')[0])"], { encoding: "utf8" });
  return Number(stdout) >= 18 && Number(stdout) < 26;
});

test("an older Node gives one clear error at the call, not at the import", async () => {
  const directory = mkdtempSync(join(tmpdir(), "socketpair-"));
  try {
    // It cannot strip types: give it JavaScript.
    const [bun] = commandFor("mod.ts", "bun");
    const source = fileURLToPath(new URL("../../mod.ts", import.meta.url));
    const bundle = join(directory, "mod.mjs");
    const built = await run(bun, ["build", source, "--target=node", `--outfile=${bundle}`]);
    assert.equal(built.code, 0, built.stderr);
    const script = join(directory, "script.mjs");
    writeFileSync(
      script,
      `import { socketpair } from "./mod.mjs";
try { socketpair(); } catch (error) { console.log(String(error)); }`,
    );
    const { stdout, stderr } = await run(olderNode!, [script]);
    const version = spawnSync(olderNode!, ["-p", "process.versions.node"], { encoding: "utf8" }).stdout.trim();
    assert.equal(stdout, `${unsupported(`Node ${version}`)}\n`, stderr);
  } finally {
    rmSync(directory, { recursive: true });
  }
}, { skip: olderNode === undefined && "there is none" });
