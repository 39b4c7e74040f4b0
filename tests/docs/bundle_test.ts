/** A checkout in a program's own tree: bundlers leave nothing out of the sources that they need ("sideEffects": false). */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { assert, run, runtime, test } from "../_support.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** One program for each entry. */
const PROGRAMS: Record<string, string> = {
  "mod.ts": `import { socketpair, SocketError } from "./mod.ts";
    const [left, right] = socketpair({ framing: "uint32le" });
    const reading = right.read(new Uint8Array(10)); // waits
    setTimeout(() => left.write(new Uint8Array(5)), 20);
    console.log(await reading, await right.close(), SocketError.name);
    left[Symbol.dispose]();`,
  "process/mod.ts": `import { spawn } from "./process/mod.ts";
    import { socketpair } from "./mod.ts";
    const [ours, theirs] = socketpair();
    spawn("cat", [], { stdio: [theirs, theirs, "inherit"] });
    await ours.write(new Uint8Array(5));
    await ours.closeWrite();
    for await (const { length } of ours.readable) console.log(length);`,
  "ffi/mod.ts": `import { AF_UNIX, close, read, SOCK_STREAM, socketpair, write } from "./ffi/mod.ts";
    const [left, right] = socketpair(AF_UNIX, SOCK_STREAM, 0);
    write(left, new Uint8Array(5));
    console.log(read(right, new Uint8Array(10)));
    for (const fd of [left, right]) close(fd);`,
};

const BUNDLERS: Record<string, (from: string, to: string) => string[]> = {
  esbuild: (from, to) => [from, "--bundle", "--minify-syntax", "--format=esm", "--platform=node", `--outfile=${to}`],
  bun: (from, to) => ["build", from, `--target=${runtime === "bun" ? "bun" : "node"}`, `--outfile=${to}`],
};

const folder = mkdtempSync(join(tmpdir(), "socketpair-bundle-"));
after(() => rmSync(folder, { recursive: true }));

for (const [entry, program] of Object.entries(PROGRAMS)) {
  for (const [bundler, args] of Object.entries(BUNDLERS)) {
    test(`${entry} works when ${bundler} has bundled the sources`, async () => {
      const name = `${entry.replace("/", "_")}-${bundler}`;
      const [source, bundle] = [join(folder, `${name}.ts`), join(folder, `${name}.mjs`)];
      writeFileSync(source, program.replaceAll('"./', `"${ROOT}`));
      const made = await run(join(ROOT, "node_modules/.bin", bundler), args(source, bundle));
      assert.equal(made.code, 0, made.stderr);
      const { stdout, stderr } = await run(process.execPath, [...(runtime === "deno" ? ["run", "-A"] : []), bundle]);
      assert.match(stdout, /^5\b/, stderr);
    });
  }
}
