/**
 * Whether everything that names the version names the same one: `deno run -A tools/version.ts [tag]`, with the tag of a release
 * (`v1.0.0`) if there is one. npm and JSR read it from different files, and both keep what they were given for good.
 */

import { readFileSync } from "node:fs";

Deno.chdir(new URL("..", import.meta.url));
const npm = JSON.parse(readFileSync("package.json", "utf8"));
const jsr = JSON.parse(readFileSync("deno.json", "utf8"));
const lock = JSON.parse(readFileSync("package-lock.json", "utf8"));
const [, heading] = /^## (\S+)/m.exec(readFileSync("CHANGELOG.md", "utf8")) ?? [];
const [tag] = Deno.args;

const versions: [string, unknown][] = [
  ["package.json", npm.version],
  ["deno.json", jsr.version],
  ["package-lock.json", lock.version],
  ["package-lock.json, of the package", lock.packages[""].version],
  ["CHANGELOG.md, the first heading", heading],
];
if (tag !== undefined) versions.push(["the tag", tag.replace(/^v/, "")]);

for (const [place, version] of versions) console.log(`${version}  ${place}`);
let agree = new Set(versions.map(([, version]) => version)).size === 1;
if (!agree) console.error("Cannot release: the versions differ");

const entries = Object.keys(npm.exports).filter((entry) => entry !== "./package.json");
if (npm.name !== jsr.name || entries.join() !== Object.keys(jsr.exports).join()) {
  console.error("Cannot release: package.json and deno.json differ in the name or in the entries of the package");
  agree = false;
}
if (tag !== undefined && readFileSync("CHANGELOG.md", "utf8").includes(`## ${heading} (unreleased)`)) {
  console.error(`Cannot release: CHANGELOG.md calls ${heading} unreleased`);
  agree = false;
}
const unset = ["package.json", "mod.ts"].filter((file) => readFileSync(file, "utf8").includes("https://example.org/"));
if (tag !== undefined && unset.length > 0) {
  console.error(
    `Cannot release: ${unset.join(" and ")} have addresses at example.org; docs/releasing.md says what to set`,
  );
  agree = false;
}
if (!agree) Deno.exit(1);
