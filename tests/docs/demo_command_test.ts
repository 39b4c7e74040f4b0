/** `tools/demo.sh`: what it says when something is missing. */

import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, onlyOn, run, runScript, test } from "../_support.ts";
import "./_package.ts";

const SCRIPT = fileURLToPath(new URL("../../tools/demo.sh", import.meta.url));

/** Runs a copy of the script in a repository that has these programs in node_modules, and no demo. */
async function runWith(programs: Record<string, string>, args: string[] = []) {
  const root = mkdtempSync(join(tmpdir(), "socketpair-demo-"));
  try {
    const bin = join(root, "node_modules", ".bin");
    for (const folder of [bin, join(root, "tools")]) mkdirSync(folder, { recursive: true });
    copyFileSync(SCRIPT, join(root, "tools", "demo.sh"));
    for (const [name, script] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    return await run("sh", [join(root, "tools", "demo.sh"), ...args]);
  } finally {
    rmSync(root, { recursive: true });
  }
}

test("npm run demo names each runtime that is not installed, and how to get it, in one line", async () => {
  const { code, stdout, stderr } = await runWith({ bun: "exit 0" });
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.deepEqual(stderr.split("\n"), [
    "Cannot run the demo: deno is not in node_modules; run `npm ci` in the repository",
    "Cannot run the demo: node is not in node_modules; run `npm ci` in the repository",
    "",
  ]);
}, { skip: onlyOn("node") });

test("npm run demo names a runtime whose install script did not run", async () => {
  const { code, stderr } = await runWith({ deno: "exit 0", bun: "exit 1", node: "exit 0" });
  assert.equal(code, 1);
  assert.match(stderr, /^Cannot run the demo: bun in node_modules does not start; .*install scripts allowed\n$/);
}, { skip: onlyOn("node") });

test("npm run demo starts the demo with the Node of node_modules", async () => {
  const stub = '[ "$1" = --version ] || echo "$@"';
  const { code, stdout } = await runWith({ deno: "exit 0", bun: "exit 0", node: stub }, ["folder", "bun"]);
  assert.equal(code, 0);
  assert.match(stdout, /examples\/demo\/main\.ts folder bun\n$/);
}, { skip: onlyOn("node") });

test("the demo says that a folder does not exist in one line", async () => {
  const { code, stdout, stderr } = await runScript("examples/demo/main.ts", ["/no/such/folder"]);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
  assert.equal(
    stderr.replaceAll(/^.*(Warning|--trace-warnings).*\n/gm, ""),
    "Cannot run the demo: there is no folder /no/such/folder\n",
  );
}, { skip: onlyOn("node") });
