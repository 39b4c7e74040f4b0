/** The documentation site that `deno task docs` makes. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assert, full, run, runtime, test } from "../_support.ts";
import { noBrowser, startBrowser } from "./_browser.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SKIP = runtime !== "deno" && "deno makes the site, this runtime does not";

function targetsOf(page: string): string[] {
  const html = readFileSync(page, "utf8").replaceAll("&#x2F;", "/");
  const links = html.matchAll(/(?:href|src)="([^"#]+)[^"]*"/g);
  return [...links].map(([, target]) => decodeURI(target!)).filter((target) => !/^https?:/.test(target));
}

/** Makes the site in a folder that is removed afterwards. */
async function withSite(use: (folder: string, pages: string[]) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "socketpair-site-"));
  try {
    const args = ["run", "-A", "tools/docs.ts", folder];
    const { code, stderr } = await run(process.execPath, args, { cwd: ROOT, timeout: 60_000 });
    assert.equal(code, 0, stderr);
    await use(folder, (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith(".html")));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test(
  "the site's index leads to the four entries, every link of every page to a file, and every import is right",
  () =>
    withSite((folder, pages) => {
      const entries = targetsOf(join(folder, "index.html")).filter((target) => target.endsWith("/index.html"));
      assert.deepEqual(entries, [
        "api/index.html",
        "api/process/index.html",
        "api/unix/index.html",
        "api/ffi/index.html",
      ]);
      for (const symbol of ["api/~/SocketEnd", "api/process/~/spawn", "api/ffi/~/recvmsg"]) {
        assert.ok(targetsOf(join(folder, "index.html")).includes(`${symbol}.html`), symbol);
      }
      for (const name of pages) {
        const page = join(folder, name);
        assert.deepEqual(targetsOf(page).filter((target) => !existsSync(join(dirname(page), target))), [], name);
        const imports = readFileSync(page, "utf8").matchAll(
          /class="language-typescript">import [^;]*?from &quot;([^&]*)/g,
        );
        const entry = /^api\/(process|unix|ffi)\//.exec(name)?.[1];
        const wanted = entry === undefined ? "@socketpair/streams" : `@socketpair/streams/${entry}`;
        for (const [, from] of imports) assert.equal(from, wanted, name);
      }
    }),
  { timeout: 90_000, skip: SKIP },
);

test(
  "what leads to a place on a page of the site leads to one, and inherited options are listed",
  () =>
    withSite((folder) => {
      for (const name of ["index", "recipes", "guide"].map((page) => `${page}.html`)) {
        if (!existsSync(join(folder, name))) continue;
        const links = readFileSync(join(folder, name), "utf8").matchAll(/href="([^":#]*)#([^"]+)"/g);
        for (const [, page, id] of links) {
          assert.ok(readFileSync(join(folder, page || name), "utf8").includes(`id="${id}"`), `${name}: ${page}#${id}`);
        }
      }
      const options = readFileSync(join(folder, "api/~/SocketPairOptions.html"), "utf8");
      assert.match(options, /From SocketEndOptions: .*>maxRecordSize</);
    }),
  { timeout: 90_000, skip: SKIP },
);

test(
  "no page of the site scrolls sideways in a browser, 390 or 1280 pixels wide",
  () =>
    withSite(async (folder, pages) => {
      await using browser = await startBrowser();
      const shown = pages.filter((page) => !readFileSync(join(folder, page), "utf8").includes('http-equiv="refresh"'));
      // The kinds of pages are few: of the symbols' pages those with an entry's long examples, and of the others some.
      const some = shown.filter((page, index) =>
        !page.includes("~/") || /\/(?:SocketEnd|spawn|recvmsg|listen)\./.test(page) || index % (full ? 8 : 100) === 0
      );
      for (const width of [390, 1280]) {
        for (const page of some) {
          const scrolls = await browser.evaluate(
            `file://${folder}/${page}`,
            width,
            "document.documentElement.scrollWidth",
          );
          assert.ok(scrolls as number <= width, `${page} is ${scrolls} pixels wide in a window of ${width}`);
        }
      }
    }),
  { timeout: 120_000, skip: SKIP || noBrowser },
);
