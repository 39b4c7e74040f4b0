/** The types of ./process: without Node's they compile, and with Node's they fit. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assert, run, runtime, test } from "../_support.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const skip = runtime !== "node" && "the compiler is the same for every runtime";

/** Compiles a file with these options besides the project's own. */
async function compiles(file: string, options: object): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-"));
  const config = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: { typeRoots: [join(ROOT, "node_modules/@types")], ...options },
    files: [join(ROOT, file)],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { code, stdout } = await run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder]);
  rmSync(folder, { recursive: true });
  assert.equal(code, 0, stdout);
}

test("./process compiles without @types/node, its declarations included", async () => {
  await compiles("process/mod.ts", { types: [], skipLibCheck: false });
}, { skip });

test("./process has a child process that fits Node's", async () => {
  await compiles("tests/process/_node_child.ts", { types: ["node"] });
}, { skip });

test("pipeline() has our ends in its type exactly when they are asked for", async () => {
  await compiles("tests/process/_pipeline_types.ts", { types: [] });
}, { skip });
