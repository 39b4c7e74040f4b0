/**
 * Makes the package for npm: `npm run build`, and `npm pack` does it too. With `--if-changed`, only where a source is newer
 * than what is there: so `npm ci` leaves a package that works, as does an installation from git.
 *
 * `dist/` has the four entries as JavaScript with what they share in files of its own, and the declarations of what the entries
 * show. There are no source maps: a stack names files that are in the package, by lines that can be read. JSR has the sources
 * instead.
 */

import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DIST = join(ROOT, "dist");
const ENTRIES = ["mod", "process/mod", "unix/mod", "ffi/mod"];

/** Is written last. */
const STAMP = join(DIST, "globals.d.ts");

/** The declarations that all entries begin with. */
const GLOBALS = "tools/globals.d.ts";

/**
 * Gives what is public its own name back, which stands in every stack: esbuild calls a class that names itself `_Name`, and a
 * function `name2` where another has the name. Its own `keepNames` does so for every function, and takes Bun a third more time
 * to import.
 */
function withNames(code: string): string {
  const selves = [...code.matchAll(/^var (\w+) = class _\1\b/gm)];
  const classes = selves.reduce((text, [, name]) => text.replaceAll(new RegExp(`\\b_${name}\\b`, "g"), name!), code);
  const exported = code.slice(code.lastIndexOf("\nexport {")).matchAll(/^ {2}(\w+) as (\w+),?$/gm);
  const functions = [...exported].filter(([, inner]) => code.includes(`function ${inner}(`));
  const named = functions.map(([, inner, name]) => `Object.defineProperty(${inner}, "name", { value: "${name}" });\n`);
  return [classes, ...named].join("");
}

async function buildJavaScript(folder: string): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES.map((entry) => `${entry}.ts`),
    outdir: folder,
    outbase: ROOT,
    chunkNames: "shared/[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    external: ["bun:ffi"],
    write: false,
    legalComments: "none",
    // Bun does not transpile a file that begins so: a tenth of the time from the import to the first record.
    banner: { js: "// @bun" },
    logLevel: "warning",
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, withNames(text));
  }
}

/** Has TypeScript write the declarations of all sources to a folder. */
function emitDeclarations(folder: string): void {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const options = [
    "--noEmit",
    "false",
    "--declaration",
    "--emitDeclarationOnly",
    "--rootDir",
    ROOT,
    "--outDir",
    folder,
  ];
  const { status } = spawnSync(process.execPath, [tsc, "-p", ROOT, ...options], { stdio: "inherit" });
  if (status !== 0) throw new Error("Cannot build the package: tsc has failed");
}

/** The files that a declaration names, `./a.ts` or `../a.ts`, from wherever it names them. */
const RELATIVE = /(?<=(?:from |import\(|import )")(\.{1,2}\/[^"]+)\.ts(?=")/g;

/** Copies the declarations that the entries need, and no others; the names of files in them end in `.js`. */
function copyDeclarations(from: string, to: string): void {
  const copied = new Set<string>();
  function copy(path: string): void {
    if (copied.has(path)) return;
    copied.add(path);
    const text = readFileSync(join(from, `${path}.d.ts`), "utf8");
    for (const [, name] of text.matchAll(RELATIVE)) copy(join(dirname(path), name!));
    const globals = ENTRIES.includes(path)
      ? `/// <reference path="${"../".repeat(path.split("/").length - 1)}globals.d.ts" />\n`
      : "";
    mkdirSync(dirname(join(to, path)), { recursive: true });
    writeFileSync(join(to, `${path}.d.ts`), globals + text.replaceAll(RELATIVE, "$1.js"));
  }
  for (const entry of ENTRIES) copy(entry);
  writeFileSync(join(to, "globals.d.ts"), readFileSync(join(ROOT, GLOBALS), "utf8"));
}

/** When the last of these files, and of those under these folders, was written. */
function lastChange(paths: readonly string[]): number {
  return Math.max(...paths.map((path) => {
    const found = statSync(path);
    return found.isDirectory() ? lastChange(readdirSync(path).map((name) => join(path, name))) : found.mtimeMs;
  }));
}

/** Whether `dist/` has been made from the sources as they are. */
function isNew(): boolean {
  const sources = [
    "mod.ts",
    "ffi",
    "process",
    "streams",
    "unix",
    "tools/build.ts",
    GLOBALS,
    "package.json",
    "tsconfig.json",
  ];
  return existsSync(STAMP) && statSync(STAMP).mtimeMs > lastChange(sources.map((path) => join(ROOT, path)));
}

/** Makes all under another name, and then changes the names: a program that runs meanwhile finds the old or the new. */
async function buildAll(): Promise<void> {
  const [made, old] = [`${DIST}.made.${process.pid}`, `${DIST}.old.${process.pid}`];
  const declarations = mkdtempSync(join(ROOT, "node_modules/.declarations-"));
  try {
    emitDeclarations(declarations);
    await buildJavaScript(made);
    copyDeclarations(declarations, made);
    if (existsSync(DIST)) renameSync(DIST, old);
    renameSync(made, DIST);
  } finally {
    for (const folder of [declarations, made, old]) rmSync(folder, { recursive: true, force: true });
  }
}

if (!process.argv.includes("--if-changed") || !isNew()) await buildAll();
