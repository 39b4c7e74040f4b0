/** What `tools/version.ts` says about the version before a release. */

import { readFileSync } from "node:fs";
import process from "node:process";
import { assert, run, runtime, test } from "../_support.ts";
import { ROOT } from "./_package.ts";

const SKIP = runtime !== "deno" && "the tool runs on Deno, this runtime is another";
const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8"));

const PLACEHOLDERS = !readFileSync(`${ROOT}package.json`, "utf8").includes("example.org") && "all addresses are set";

const check = (...tag: string[]) => run(process.execPath, ["run", "-A", "tools/version.ts", ...tag], { cwd: ROOT });

test("tools/version.ts finds one version in all files", async () => {
  const { code, stdout, stderr } = await check();
  assert.equal(code, 0, stderr);
  for (const line of stdout.trim().split("\n")) assert.ok(line.startsWith(`${version}  `), line);
}, { skip: SKIP });

test("tools/version.ts refuses a tag that is not the version", async () => {
  const { code, stderr } = await check(`v${version}-other`);
  assert.equal(code, 1);
  assert.match(stderr, /^Cannot release: the versions differ$/m);
}, { skip: SKIP });

test("tools/version.ts refuses a release while addresses are placeholders", async () => {
  const { code, stderr } = await check(`v${version}`);
  assert.equal(code, 1);
  assert.match(stderr, /^Cannot release: .*example\.org; docs\/releasing\.md says what to set$/m);
}, { skip: SKIP || PLACEHOLDERS });
