/** Every snippet of the README and of the docstrings runs, with the name under which a user imports the module. */

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { assert, onlyOn, run, runtime, test } from "../_support.ts";
import "./_package.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PAGES = ["README.md", "docs/guide.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];

interface Snippet {
  /** File and line. */
  readonly place: string;
  readonly code: string;
  /** What its first line calls it, if another snippet of the page needs it by that name. */
  readonly name?: string | undefined;
}

/** The ts and python blocks of a file, without the stars that a docstring puts before every line. */
function snippetsOf(file: string): Snippet[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const found: Snippet[] = [];
  for (const { 0: block, 1: star, index } of text.matchAll(/^( \* )?```(?:ts|python)\n[^]*?^( \* )?```$/gm)) {
    const lines = block.split("\n").slice(1, -1).map((line) => star === undefined ? line : line.slice(3));
    const [, name] = /^(?:\/\/|#) ((?!main\b)\w+\.(?:mts|py))\b/.exec(lines[0]!) ?? [];
    found.push({ place: `${file}:${text.slice(0, index).split("\n").length}`, code: `${lines.join("\n")}\n`, name });
  }
  return found;
}

/** The published modules, as deno.json lists them. */
function sources(): string[] {
  const { publish } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
  return publish.include.flatMap((pattern: string) => {
    if (!pattern.endsWith("/**/*.ts")) return pattern.endsWith(".ts") ? [pattern] : [];
    const folder = pattern.slice(0, -"/**/*.ts".length);
    const names = readdirSync(join(ROOT, folder), { recursive: true }) as string[];
    return names.filter((name) => name.endsWith(".ts")).map((name) => `${folder}/${name}`);
  }).sort();
}

/** Runtimes print lists with different spaces. */
function squeezed(line: string): string {
  return line.replaceAll(/\s/g, "");
}

// A folder in which the package is installed, as far as the runtime can tell.
const folder = mkdtempSync(join(tmpdir(), "socketpair-docs-"));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "node_modules", "@socketpair"), { recursive: true });
symlinkSync(ROOT, join(folder, "node_modules", "@socketpair", "streams"));

const CONFIG = ["--config", join(ROOT, "deno.json")];
const RUN = runtime === "deno" ? ["run", "-A", "--no-check", ...CONFIG] : [];
const snippets = ["README.md", "docs/guide.md", ...sources()].flatMap(snippetsOf);
const files = snippets.map(({ code, name }, index) => {
  const file = join(folder, name ?? `${index}.ts`);
  writeFileSync(file, code);
  return file;
});

for (const [index, { place, code, name }] of snippets.entries()) {
  if (name !== undefined) continue;
  test(`the snippet at ${place} runs, and prints what its comments say`, async () => {
    const { code: exit, signal, stdout, stderr } = await run(process.execPath, [...RUN, files[index]!], {
      cwd: folder,
    });
    assert.deepEqual({ exit, signal }, { exit: 0, signal: null }, stderr);
    const promised = [...code.matchAll(/console\.log\(.*\);? \/\/ (.*)$/gm)].map(([, comment]) => squeezed(comment!));
    const printed = stdout.split("\n").map(squeezed);
    assert.deepEqual(promised.filter((line) => !printed.includes(line)), [], `it printed:\n${stdout}`);
  });
}

test("the README has snippets, and so have both entry points", () => {
  for (const file of ["README.md", "mod.ts", "ffi/mod.ts"]) {
    assert.ok(snippets.some(({ place }) => place.startsWith(`${file}:`)), file);
  }
});

test("every snippet is well typed", async () => {
  const { code, stderr } = await run(process.execPath, [
    "check",
    ...CONFIG,
    ...files.filter((file) => !file.endsWith(".py")),
  ], {
    cwd: folder,
    timeout: 60_000,
  });
  assert.equal(code, 0, stderr);
}, { timeout: 90_000, skip: runtime !== "deno" && "deno checks types, this runtime does not" });

test("the README is short: 160 lines, lines of code of 90, and 2 to 6 words of prose for a word of code", () => {
  const text = readFileSync(join(ROOT, "README.md"), "utf8");
  const blocks = [...text.matchAll(/^```\w+\n([^]*?)^```$/gm)].map(([, code]) => code!);
  const words = (of: string): number => of.match(/\S*\w\S*/g)?.length ?? 0;
  const code = words(blocks.join(""));
  const prose = words(text) - code;
  assert.ok(text.split("\n").length - 1 <= 160);
  assert.deepEqual(blocks.join("").split("\n").filter((line) => line.length > 90), []);
  assert.ok(prose >= 2 * code && prose <= 6 * code, `${prose} words of prose, ${code} of code`);
}, { skip: onlyOn("node") });

/** The rows of bench/results/README.md that the README's table of speed shows, in its order. */
const SHOWN = [
  "64 KiB, calls / the fastest peer's calls",
  "64 KiB, streams / the fastest peer's streams",
  "64 B record, calls / the fastest peer's calls",
  "64 B framed, gathered write and batch read / framing by hand",
  "round trip, calls / the fastest peer's calls",
  "round trip with 200 µs of thought, calls / the same",
  "import to first record / the fastest peer",
  "worker: 64 B framed, batches / postMessage",
  "worker: 64 B framed, batches / postMessage with batches framed by hand",
];

test("the README's table of speed is what was measured", () => {
  const rows = (page: string) =>
    readFileSync(join(ROOT, page), "utf8").split("\n").filter((line) => line.startsWith("| "))
      .map((line) => line.split("|").map((cell) => cell.trim()).slice(1, -1));
  const measured = rows("bench/results/README.md");
  const table = rows("README.md");
  const first = table.findIndex((cells) => cells.join().endsWith(",Deno,Bun,Node")) + 2;
  const level = (cell: string) => Number(cell) >= 0.93 && Number(cell) <= 1.07 ? "level" : cell;
  assert.deepEqual(
    table.slice(first, first + SHOWN.length).map((cells) => cells.slice(1)),
    SHOWN.map((name) => measured.find(([cell]) => cell === name)!.slice(1).map(level)),
  );
}, { skip: onlyOn("node") });

test("the guide has a sentence on each recipe", () => {
  const text = readFileSync(join(ROOT, "docs/guide.md"), "utf8");
  const recipes = readdirSync(join(ROOT, "examples/recipes")).filter((name) => name.endsWith(".ts"));
  assert.deepEqual(recipes.filter((name) => !text.includes(`](../examples/recipes/${name}) `)), []);
}, { skip: onlyOn("node") });

test("every link to a file leads to one", () => {
  for (const page of PAGES) {
    const text = readFileSync(join(ROOT, page), "utf8");
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target!);
    assert.deepEqual(targets.filter((target) => !existsSync(resolve(ROOT, dirname(page), target))), [], page);
  }
});
