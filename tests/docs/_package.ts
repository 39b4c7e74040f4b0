/** The package as a user has it: for tests of what imports it by its name. Bun and Node find `dist/` then. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

const { status, stderr } = spawnSync(`${ROOT}node_modules/.bin/node`, ["tools/build.ts", "--if-changed"], {
  cwd: ROOT,
});
if (status !== 0) throw new Error(`Cannot build the package: ${stderr}`);
