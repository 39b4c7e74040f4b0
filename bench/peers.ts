/** Peers from npm, in a folder that git ignores: they are no dependency of this module. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Skip } from "./port.ts";

/** What is installed. node-unix-socket brings its binary as an npm package; nothing is built or fetched from elsewhere. */
const PACKAGES: Record<string, string> = { "node-unix-socket": "0.2.7" };
const FOLDER = new URL("./peers/", import.meta.url);

/** A peer's package. */
export function requirePeer<T>(name: string): T {
  try {
    return createRequire(new URL("package.json", FOLDER))(name) as T;
  } catch (reason) {
    throw new Skip(`the npm package ${name} is not there: ${String((reason as Error).message).split("\n")[0]}`);
  }
}

/** Installs the peers if they are not there. Returns why not, if that failed. */
export function installPeers(): string | undefined {
  if (Object.keys(PACKAGES).every((name) => existsSync(new URL(`node_modules/${name}`, FOLDER)))) return;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(new URL(".gitignore", FOLDER), "*\n");
  writeFileSync(new URL("package.json", FOLDER), JSON.stringify({ private: true, dependencies: PACKAGES }));
  const { status, error, stderr } = spawnSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: fileURLToPath(FOLDER),
    timeout: 60_000,
    encoding: "utf8",
  });
  if (status === 0) return;
  return error?.message ?? stderr.split("\n").find((line) => line.includes("ERR")) ?? `npm ended with ${status}`;
}
