/** The documentation site that `deno task docs` makes. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assert, run, runtime, test } from "../_support.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SKIP = runtime !== "deno" && "deno makes the site, this runtime does not";

function targetsOf(page: string): string[] {
  const links = readFileSync(page, "utf8").matchAll(/(?:href|src)="([^"#]+)"/g);
  return [...links].map(([, target]) => target!.replaceAll("&#x2F;", "/")).filter((target) => !/^https?:/.test(target));
}

test("the site's index leads to the pages of the four entries, and every link on these leads to a file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-site-"));
  try {
    const { code, stderr } = await run(process.execPath, ["run", "-A", "tools/docs.ts", folder], {
      cwd: ROOT,
      timeout: 60_000,
    });
    assert.equal(code, 0, stderr);
    const index = join(folder, "index.html");
    const pages = targetsOf(index).filter((target) => target.endsWith("/index.html"));
    assert.deepEqual(pages, ["api/index.html", "api/process/index.html", "api/unix/index.html", "api/ffi/index.html"]);
    for (const page of [index, ...pages.map((name) => join(folder, name))]) {
      const lost = targetsOf(page).filter((target) => !existsSync(join(dirname(page), target)));
      assert.deepEqual(lost, [], page);
    }
    for (const symbol of ["api/~/SocketEnd", "api/process/~/spawn", "api/ffi/~/recvmsg"]) {
      assert.ok(targetsOf(index).includes(`${symbol}.html`), symbol);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}, { timeout: 90_000, skip: SKIP });
